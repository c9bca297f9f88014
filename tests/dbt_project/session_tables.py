"""Where one session ends and the next begins, by what other tools document; the numbers are sessions.

- Google Analytics 4 (support.google.com/analytics/answer/9191807): after 30 minutes without activity; no limit to its
  length, neither midnight nor a campaign ends it.
- Matomo (config/global.ini.php, section Tracker): visit_standard_length 1800, create_new_visit_when_campaign_changes 1,
  create_new_visit_when_website_referrer_changes 0, create_new_visit_after_midnight 1.
- Snowplow's browser tracker (docs.snowplow.io, session cookie): 30 minutes since the last event, page pings included.
- dbt-segment (vars): segment_inactivity_cutoff 30 * 60, a silence as long as that does not end a session.

None: not documented to the second, or the tool does not count such events.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from tests.dbt_project.world import World, at

SPLIT, UNSPLIT = "session_table", "session_table_unsplit"
MIDNIGHT = 12 * 60
"""Minutes from noon, when the stories begin."""


class Act(NamedTuple):
    minute: float
    campaign: str | None = None
    referrer: str | None = None
    type: str = "page_view"


class Case(NamedTuple):
    """`ours` with our defaults; the others by what they document."""

    name: str
    acts: tuple[Act, ...]
    ours: int
    ga4: int | None
    matomo: int | None
    snowplow: int | None
    segment: int | None


CASES = (
    Case("a silence of 29 minutes", (Act(0), Act(29)), 1, 1, 1, 1, 1),
    Case("a silence of 31 minutes", (Act(0), Act(31)), 2, 2, 2, 2, 2),
    Case("a silence of half an hour exactly", (Act(0), Act(30)), 1, None, None, None, 1),
    Case("a long visit without a pause", tuple(Act(29 * n) for n in range(20)), 1, 1, 1, 1, 1),
    Case("across midnight", (Act(MIDNIGHT - 10), Act(MIDNIGHT + 10)), 1, 1, 2, 1, 1),
    Case("another campaign", (Act(0, "spring"), Act(10, "summer")), 2, 1, 2, 1, 1),
    Case("the same campaign again", (Act(0, "spring"), Act(10, "spring")), 1, 1, 1, 1, 1),
    Case("a campaign after none", (Act(0), Act(10, "spring")), 2, 1, 2, 1, 1),
    Case("none after a campaign", (Act(0, "spring"), Act(10)), 1, 1, 1, 1, 1),
    Case("back to the first campaign", (Act(0, "spring"), Act(5, "summer"), Act(10, "spring")), 3, 1, 3, 1, 1),
    Case(
        "another site's link", (Act(0, referrer="https://one.example/"), Act(9, referrer="https://two.example/")),
        1, 1, 1, 1, 1,
    ),
    Case("heartbeats in between", (Act(0), Act(20, type="page_ping"), Act(45)), 1, 1, None, 1, None),
)  # fmt: skip


def tell_of_sessions(world: World) -> None:
    """Every case twice: a visitor each, once by our defaults and once without new sessions for campaigns."""
    for organization_id in (SPLIT, UNSPLIT):
        world.organization(organization_id)
        if organization_id == UNSPLIT:
            world.setting("session_rules", new_session_on_campaign=False)
        for case in CASES:
            for number, act in enumerate(case.acts):
                tags = (
                    {"utm_source": "news", "utm_medium": "email", "utm_campaign": act.campaign} if act.campaign else {}
                )
                world.event(
                    f"{case.name}-{number}", at() + timedelta(minutes=act.minute), case.name, type=act.type,
                    referrer=act.referrer, **tags,
                )  # fmt: skip
