"""Twenty leads whose funnel is worked out with a pencil: three cohorts, steps back, second entries, stages left out."""

from __future__ import annotations

from tests.dbt_project.world import World, at

ORGANIZATION = "pencil"
CAREERS: dict[str, tuple[int, list[tuple[str, int]]]] = {
    # known since, and the stages entered; days are counted from 2 March 2026
    # 16 January: to mql on the 20th, to sql on the 26th
    **{f"a{number}": (-45, [("mql", -41), ("sql", -35), ("opportunity", -25), ("customer", -15)]) for number in (1, 2, 3)},
    "a4": (-45, [("mql", -41), ("sql", -35), ("mql", -25), ("sql", 1)]),
    "a5": (-45, [("mql", -41), ("lost", -35), ("mql", 1)]),
    "a6": (-45, [("lost", -25)]),
    "a7": (-45, []),
    "a8": (-45, []),
    # 10 February
    "b1": (-20, [("sql", -15), ("opportunity", 2)]),
    "b2": (-20, [("mql", -15), ("lead", 2)]),
    "b3": (-20, [("mql", -15)]),
    **{f"b{number}": (-20, []) for number in (4, 5, 6, 7)},
    # 5 March
    "c1": (3, [("mql", 4), ("customer", 18)]),
    "c2": (3, [("lost", 4)]),
    **{f"c{number}": (3, []) for number in (3, 4, 5)},
}  # fmt: skip


def tell_of_twenty_leads(world: World) -> None:
    world.organization(ORGANIZATION)
    for name, (known_on, stages) in CAREERS.items():
        path = ["lead", *(stage for stage, _ in stages)]
        world.contact(f"pencil-{name}", known_at=at(days=known_on), lifecycle_stage=path[-1])
        for former, (stage, day) in zip(path, stages, strict=False):
            world.stage(f"pencil-{name}", stage, at(days=day), from_stage=former)
