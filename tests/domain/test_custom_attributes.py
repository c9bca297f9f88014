"""Values of custom attributes are read as their type, or refused by name."""

from __future__ import annotations

import pytest

from domain.custom_attributes import attribute_value
from domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("data_type", "sent", "kept"),
    [
        ("text", "Berlin", "Berlin"),
        ("text", 12, "12"),
        ("integer", "12", 12),
        ("integer", 12.0, 12),
        ("number", "1.5", 1.5),
        ("boolean", True, True),
        ("boolean", "false", False),
        ("date", "2026-03-02", "2026-03-02"),
        ("datetime", "2026-03-02T10:00:00+01:00", "2026-03-02T09:00:00+00:00"),
        ("integer", None, None),
        ("text", "", None),
    ],
)
def test_a_value_is_read_as_its_type(data_type, sent, kept):
    assert attribute_value("field", data_type, sent) == kept


@pytest.mark.parametrize(
    ("data_type", "sent"),
    [("integer", "twelve"), ("integer", 1.5), ("number", "nan"), ("date", "2.3.2026"), ("text", ["a"]), ("text", {}),
     ("boolean", "perhaps"), ("text", "x" * 10_001), ("text", "a\x00b")],
)  # fmt: skip
def test_what_is_no_value_of_the_type_is_refused(data_type, sent):
    with pytest.raises(InvalidInput):
        attribute_value("field", data_type, sent)
