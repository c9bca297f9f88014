"""Sequences as documents, drawn at random: any kinds of steps, in any order that is sound."""

from __future__ import annotations

from hypothesis import strategies as st

IDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name != "end")
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip)


@st.composite
def documents(draw):
    """Sequences with any kinds of steps, forward only, so that they are sound."""
    names = draw(st.lists(IDS, min_size=1, max_size=8, unique=True))
    steps = []
    for number, name in enumerate(names):
        ahead = [*names[number + 1 :], "end"]
        kind = draw(st.sampled_from(["email", "wait", "condition", "split", "task", "action"])) if number else "email"
        below = ahead[0]
        step = {"id": name, "type": kind}
        match kind:
            case "email":
                step |= {"subject": draw(WORDS), "text": draw(WORDS)}
            case "wait":
                step |= {"days": draw(st.integers(0, 30)), "hours": draw(st.integers(1, 23))}
            case "condition":
                step |= {"when": ["country:in:DE,AT"], "next": below, "otherwise": draw(st.sampled_from(ahead))}
            case "split":
                arms = [
                    {"id": "a", "next": below, "weight": draw(st.integers(1, 9))},
                    {"id": "b", "next": draw(st.sampled_from(ahead))},
                ]
                step |= {"arms": arms, "by": draw(st.sampled_from(["contact", "company"]))}
            case "task":
                step |= {"kind": "call", "title": draw(WORDS), "waits": draw(st.booleans())}
            case "action":
                step |= {"do": "notify_owner", "message": draw(WORDS)}
        steps.append(step)
    more = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "priority": st.sampled_from(["follow_ups", "new"]),
                "limits": st.fixed_dictionaries({}, optional={"per_day": st.integers(1, 999)}),
                "rules": st.fixed_dictionaries({}, optional={"reply": st.sampled_from(["stop", "pause", "continue"])}),
                "window": st.fixed_dictionaries(
                    {"time_zone": st.sampled_from(["Europe/Berlin", "America/New_York"])},
                    optional={"sat": st.just(["10:00-12:00"]), "holidays": st.just(["2026-12-25"])},
                ),
            },
        )
    )
    return {"name": draw(WORDS), "steps": steps, **more}
