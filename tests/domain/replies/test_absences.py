"""Days of return as people write them, in seven languages."""

from __future__ import annotations

from datetime import date

import pytest

from domain.replies.absences import absence_of, is_gone
from domain.replies.dates import days_in

MONDAY = date(2026, 7, 6)


@pytest.mark.parametrize(
    ("text", "back_on"),
    [
        ("I will be back on Monday, 13 July 2026.", "2026-07-13"),
        ("I am on annual leave returning July 20th. For urgent matters call 555-1234.", "2026-07-20"),
        ("I am out of the office until 20 July.", "2026-07-21"),
        ("I will be traveling for work on July 10-31. I will have intermittent access to email.", "2026-08-03"),
        ("I'm out of office from 6 July to 17 July 2026.", "2026-07-20"),
        ("Out of office 07/06/2026 - 07/17/2026", "2026-07-20"),
        ("I will be out of the office starting 07/06/2026 and will not return until 07/20/2026.", "2026-07-20"),
        ("I'm away from 6th to 10th July and will respond when I'm back on the 13th.", "2026-07-13"),
        ("I am out of the office today and will return tomorrow.", "2026-07-07"),
        ("I am on vacation, back next Monday.", "2026-07-13"),
        ("I am away on leave and will be back in two weeks.", "2026-07-20"),
        ("I am on maternity leave until January 2027.", "2027-01-04"),
        ("Our office is closed from December 24 through January 2. We reopen on January 3.", "2027-01-03"),
        ("Ich bin bis einschließlich 17.07.2026 nicht im Büro.", "2026-07-20"),
        ("Ich bin vom 06.07. bis 17.07. im Urlaub und ab dem 20.07. wieder erreichbar.", "2026-07-20"),
        ("Je suis absent du bureau jusqu'au 17 juillet inclus.", "2026-07-20"),
        ("Je serai de retour le 20 juillet.", "2026-07-20"),
        ("Estaré fuera de la oficina hasta el 17 de julio.", "2026-07-20"),
        ("Sono in ferie fino al 17 luglio. Rientrerò il 20 luglio.", "2026-07-20"),
        ("Ik ben afwezig tot en met 17 juli.", "2026-07-20"),
        ("Estou de férias até 17 de julho.", "2026-07-20"),
        ("I am out of the office with no access to e-mail.", None),
    ],
)
def test_the_day_of_return_is_read(text, back_on):
    absence = absence_of(text, "Automatic reply", MONDAY)
    assert absence is not None
    assert absence.back_on == (date.fromisoformat(back_on) if back_on else None)


def test_a_day_that_can_be_read_two_ways_is_the_later_one_and_not_certain():
    (day,) = days_in("back on 08/07", MONDAY)
    assert (day.on, day.is_certain) == (date(2026, 8, 7), False)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("John no longer works at Acme. Please contact sue@acme.example.", True),
        ("Ich bin nicht mehr für die ACME GmbH tätig.", True),
        ("This mailbox is no longer monitored.", True),
        ("I am out of the office until Friday.", False),
    ],
)
def test_who_has_left_says_so(text, gone):
    assert is_gone(text, "") is gone
