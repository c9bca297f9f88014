"""What a job title says of its holder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.titles import DEPARTMENTS, SENIORITIES, Position, position_of

SAID = {
    "Head of Marketing": ("head", "marketing"),
    "CMO": ("executive", "marketing"),
    "Founder & CEO": ("owner", "other"),
    "Marketing Manager": ("manager", "marketing"),
    "VP Sales": ("vice president", "sales"),
    "Vice President, Finance": ("vice president", "finance"),
    "Operations Lead": ("lead", "operations"),
    "Student": ("student", "other"),
    "Consultant": ("consultant", "other"),
    "Executive Assistant to the CEO": ("assistant", "other"),
    "Account Executive": ("specialist", "sales"),
    "Product Owner": ("specialist", "product"),
    "Lead Generation Specialist": ("specialist", "marketing"),
    "Senior Software Engineer": ("specialist", "technology"),
    "Managing Director": ("executive", "other"),
    "Vertriebsleiter": ("head", "sales"),
    "Gesch\u00e4ftsf\u00fchrerin": ("executive", "other"),
    "HR Business Partner": ("other", "people"),
}


@pytest.mark.parametrize(("title", "said"), SAID.items())
def test_a_title_says_how_senior_and_where(title, said):
    assert position_of(title) == Position(*said)


@given(st.text(max_size=60))
def test_any_text_is_read(title):
    found = position_of(title)
    assert found.seniority in SENIORITIES
    assert found.department in DEPARTMENTS
