"""Conditions on any attribute of a list, custom ones too: chosen in a popover, shown as chips that take them away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.api_transport import Json
from app.components import say_next
from app.formatting import escaped, shortened
from domain.custom_attributes import PREFIX, DataType
from domain.filters import FieldType, Op, list_text, listed

LEADS, COMPANIES = "leads", "companies"
"""The lists, as the keys of their widgets begin."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a list can be asked about. `options`: what a choice can be."""

    field: str
    label: str
    kind: FieldType
    options: tuple[str, ...] = ()


OF_LEADS = (
    Attribute("tag", "Tag", FieldType.TEXT),
    Attribute("title", "Title", FieldType.TEXT),
    Attribute("country", "Country", FieldType.TEXT),
    Attribute("email", "E-mail", FieldType.TEXT),
    Attribute("phone", "Phone", FieldType.TEXT),
    Attribute("first_name", "First name", FieldType.TEXT),
    Attribute("last_name", "Last name", FieldType.TEXT),
    Attribute("external_id", "External id", FieldType.TEXT),
    Attribute("grade", "Grade", FieldType.TEXT),
    Attribute("score", "Score", FieldType.NUMBER),
    Attribute("created_at", "Added", FieldType.DATETIME),
    Attribute("updated_at", "Last changed", FieldType.DATETIME),
)
OF_COMPANIES = (
    Attribute("tag", "Tag", FieldType.TEXT),
    Attribute("employee_count", "Employees", FieldType.INTEGER),
    Attribute("domain", "Domain", FieldType.TEXT),
    Attribute("name", "Name", FieldType.TEXT),
    Attribute("contact_count", "People we know", FieldType.INTEGER),
    Attribute("visitor_count", "Visitors", FieldType.INTEGER),
    Attribute("session_count", "Visits", FieldType.INTEGER),
    Attribute("first_seen_at", "First seen", FieldType.DATETIME),
    Attribute("last_seen_at", "Last seen", FieldType.DATETIME),
    Attribute("first_channel", "First channel", FieldType.TEXT),
    Attribute("quality", "Quality", FieldType.INTEGER),
    Attribute("lookalike_rank", "Rank among lookalikes", FieldType.INTEGER),
    Attribute("country", "Country", FieldType.TEXT),
    Attribute("industry", "Industry", FieldType.TEXT),
)
_PRESENCE = {Op.FILLED: "is known", Op.EMPTY: "is not known"}
_NUMBERS = {Op.GTE: "is at least", Op.LTE: "is at most", Op.EQ: "is", Op.NE: "is not", **_PRESENCE}
WORDS: Mapping[FieldType, Mapping[Op, str]] = {
    FieldType.TEXT: {Op.EQ: "is", Op.CONTAINS: "contains", Op.STARTS: "begins with", Op.NE: "is not", **_PRESENCE},
    FieldType.INTEGER: _NUMBERS,
    FieldType.NUMBER: _NUMBERS,
    FieldType.BOOLEAN: {Op.EQ: "is", **_PRESENCE},
    FieldType.DATE: {Op.GTE: "is on or after", Op.LTE: "is on or before", Op.EQ: "is on", **_PRESENCE},
    FieldType.DATETIME: {Op.GTE: "is on or after", Op.LT: "is before", **_PRESENCE},
}
CHOSEN = {Op.IN: "is one of", Op.NOT_IN: "is none of", **_PRESENCE}


def key_of(place: str) -> str:
    """Where a page keeps its conditions: `field:op:value`, as the API takes them."""
    return f"{place}_conditions"


def kept_of(place: str) -> list[str]:
    return list(st.session_state.get(key_of(place), ()))


def attributes_of(custom: Iterable[Json]) -> list[Attribute]:
    """What leads can be asked about: `custom` are the fields that the API names, of which lists know the filterable ones."""
    own = [
        Attribute(PREFIX + found["key"], found["label"], DataType(found["data_type"]).field_type, tuple(found["options"]))
        for found in custom
        if found["is_filterable"]
    ]  # fmt: skip
    return [*own, *OF_LEADS]


def words_for(attribute: Attribute) -> Mapping[Op, str]:
    """How it can be compared, in words."""
    return CHOSEN if attribute.options else WORDS[attribute.kind]


def written(attribute: Attribute, op: Op, value: Any) -> str | None:
    """A condition as the API takes it; none while there is no value yet."""
    if op in _PRESENCE:
        return f"{attribute.field}:{op}"
    if op in {Op.IN, Op.NOT_IN}:
        text = list_text(value or ())
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = (
            "" if value is None else repr(value).removesuffix(".0") if isinstance(value, float) else str(value).strip()
        )
    return f"{attribute.field}:{op}:{text}" if text else None


def told(condition: str, attributes: Iterable[Attribute]) -> str:
    """A condition in words: `Budget is at least 5000`."""
    field, _, rest = condition.partition(":")
    word, _, value = rest.partition(":")
    found = next((each for each in attributes if each.field == field), None)
    label = found.label if found else field.removeprefix(PREFIX)
    known = {**WORDS[FieldType.TEXT], **_NUMBERS, **CHOSEN, **(words_for(found) if found else {})}
    if found and found.kind is FieldType.BOOLEAN:
        value = {"true": "yes", "false": "no"}.get(value, value)
    shown = ", ".join(listed(value)) if word in {Op.IN, Op.NOT_IN} else value
    return f"{label} {known.get(Op(word), word)} {shown}".strip()


def show_adding(place: str, attributes: Sequence[Attribute], on_change: Callable[[], None]) -> None:
    """The popover in which a condition is put together."""
    with st.popover("Condition", icon=":material/filter_alt:", help="Ask about any attribute."):
        by_field = {each.field: each for each in attributes}
        field = st.selectbox(
            "Attribute", list(by_field), index=None, key=f"{place}_condition_field", placeholder="Type to find one",
            format_func=lambda name: by_field[name].label,
        )  # fmt: skip
        if field is None:
            st.caption("Each condition narrows the list.")
            return
        attribute = by_field[field]
        words = words_for(attribute)
        op = st.selectbox("How", list(words), key=f"{place}_condition_op_{field}", format_func=words.__getitem__)
        _ask_value(place, attribute, op)
        st.button(
            "Add", type="primary", key=f"{place}_condition_add", icon=":material/add:",
            on_click=_add, args=(place, attribute, op, on_change),
        )  # fmt: skip


def show_chips(place: str, attributes: Sequence[Attribute], on_change: Callable[[], None]) -> None:
    """What is asked now; a click takes it away."""
    conditions = kept_of(place)
    if not conditions:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for number, condition in enumerate(conditions):
            st.button(
                escaped(shortened(told(condition, attributes), 60)), icon=":material/close:", type="secondary",
                key=f"{place}_condition_{number}", help="Take this condition away", width="content",
                on_click=_remove, args=(place, condition, on_change),
            )  # fmt: skip


def _value_key(place: str, attribute: Attribute) -> str:
    return f"{place}_condition_value_{attribute.field}"


def _ask_value(place: str, attribute: Attribute, op: Op) -> None:
    key = _value_key(place, attribute)
    if op in _PRESENCE:
        return
    if attribute.options:
        st.multiselect("Values", attribute.options, key=key)
    else:
        _INPUTS[attribute.kind](key)


_INPUTS: Mapping[FieldType, Callable[[str], Any]] = {
    FieldType.TEXT: lambda key: st.text_input("Value", key=key, max_chars=200),
    FieldType.BOOLEAN: lambda key: st.segmented_control(
        "Value", [True, False], key=key, format_func=lambda value: "Yes" if value else "No"
    ),
    FieldType.INTEGER: lambda key: st.number_input("Value", value=None, step=1, key=key),
    FieldType.NUMBER: lambda key: st.number_input("Value", value=None, key=key, format="%g"),
    FieldType.DATE: lambda key: st.date_input("Day", value=None, key=key),
    FieldType.DATETIME: lambda key: st.date_input("Day", value=None, key=key),
}


def _add(place: str, attribute: Attribute, op: Op, on_change: Callable[[], None]) -> None:
    """With the value as it is at the click: one that was typed just before it is newer than the drawing."""
    condition = written(attribute, op, st.session_state.get(_value_key(place, attribute)))
    if condition is None:
        say_next("Enter a value first.", is_refused=True)
        return
    kept = [each for each in kept_of(place) if each != condition]
    st.session_state[key_of(place)] = [*kept, condition]
    st.session_state[f"{place}_condition_field"] = None
    on_change()


def _remove(place: str, condition: str, on_change: Callable[[], None]) -> None:
    st.session_state[key_of(place)] = [each for each in kept_of(place) if each != condition]
    on_change()


def orders_of(attributes: Iterable[Attribute]) -> dict[str, str]:
    """Orders by custom fields, as the API names them, in words."""
    found: dict[str, str] = {}
    for each in attributes:
        if not each.field.startswith(PREFIX):
            continue
        up, down = ("A to Z", "Z to A") if each.kind is FieldType.TEXT else ("lowest first", "highest first")
        if each.kind in {FieldType.DATE, FieldType.DATETIME}:
            up, down = "earliest first", "latest first"
        found |= {f"-{each.field}": f"{each.label}, {down}", each.field: f"{each.label}, {up}"}
    return found
