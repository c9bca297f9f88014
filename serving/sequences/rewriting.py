"""Changes of a document, worked into the YAML that somebody wrote: what stays keeps its bytes, comments and order.

The text is read as YAML nodes with their places. Where a node says something else than it should, only its own characters
are replaced; steps that move take their lines, and the comments above them, along.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from serving.sequences.yaml_text import after_dash, after_name, has_lines, literal, one_line, plain

WHITE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Splice:
    """Characters of the source that give way to others."""

    start: int
    end: int
    text: str


def rewrite(source: str, document: Mapping[str, Any]) -> str:
    """`source`, changed so that it says `document` (as JSON has it), and no further than that.

    Where a change cannot be worked in, all of it is written anew: what comes back always reads as `document`. Raises
    yaml.YAMLError for a source that is none.
    """
    changed = _Rewriting(source).done(document)
    if changed is not None and _says(changed, document):
        return changed
    return "".join(f"{one_line(name)}:{after_name(value, 0)}\n" for name, value in document.items())


def _says(source: str, document: Mapping[str, Any]) -> bool:
    try:
        return bool(plain(yaml.safe_load(source)) == document)
    except yaml.YAMLError:
        return False


class _Rewriting:
    def __init__(self, source: str) -> None:
        self.source = source
        self.loader = yaml.SafeLoader(source)
        self.root = self.loader.get_single_node()

    def done(self, document: Mapping[str, Any]) -> str | None:
        if not isinstance(self.root, MappingNode):
            return None
        return self._spliced(0, len(self.source), self._changes(self.root, document, 0, "\n"))

    def _spliced(self, start: int, end: int, splices: Iterator[Splice]) -> str:
        parts, at = [], start
        for splice in sorted(splices, key=lambda one: (one.start, one.end)):
            parts += [self.source[at : splice.start], splice.text]
            at = max(at, splice.end)
        return "".join([*parts, self.source[at:end]])

    def _value(self, node: Node) -> Any:
        return plain(self.loader.construct_object(node, deep=True))

    def _changes(self, node: Node, value: Any, indent: int, before: str) -> Iterator[Splice]:
        """`indent`: the column of the mapping or dash that holds the node; `before`: `\n`, `:`, `-`, or `,` in brackets."""
        if self._value(node) == value:
            return
        is_list_item = before == "-" and isinstance(node, MappingNode) and node.flow_style
        if is_list_item and has_lines(value) and not has_lines(self._value(node)):
            yield Splice(node.start_mark.index, self._end(node), after_dash(value, indent).lstrip(" "))
        elif isinstance(node, MappingNode) and isinstance(value, Mapping) and node.value and value:
            yield from self._mapping_changes(node, value)
        elif isinstance(node, SequenceNode) and isinstance(value, list) and node.value and value:
            yield from self._list_changes(node, value, indent)
        else:
            yield self._replaced(node, value, indent, before)

    def _replaced(self, node: Node, value: Any, indent: int, before: str) -> Splice:
        start, end = node.start_mark.index, self._end(node)
        quote = node.style if isinstance(node, ScalarNode) and node.style in {'"', "'"} else None
        if before == "," or not isinstance(value, str | Mapping | list):
            return Splice(start, end, one_line(value, quote))
        if isinstance(value, str):
            if isinstance(node, ScalarNode) and node.style in {"|", ">"} and "\n" not in value:
                block = literal(value + "\n", indent + 2)
                return Splice(start, end, block.replace("|", "|-", 1) if block else one_line(value, '"'))
            return Splice(start, end, literal(value, indent + 2) or one_line(value, quote))
        new = after_dash(value, indent) if before == "-" else after_name(value, indent)
        while start and self.source[start - 1] in WHITE:
            start -= 1
        return Splice(start, end, new)

    def _mapping_changes(self, node: MappingNode, value: Mapping[str, Any]) -> Iterator[Splice]:
        indent, is_flow = node.start_mark.column, bool(node.flow_style)
        held = {str(self.loader.construct_object(name)): (name, part) for name, part in node.value}
        for key, (_, part) in held.items():
            if key in value:
                yield from self._changes(part, value[key], indent, "," if is_flow else ":")
        yield from self._removals(node, [key in value for key in held])
        after: str | None = None
        for key, part in value.items():
            if key not in held:
                yield self._added(node, held[after] if after else None, key, part)
            else:
                after = key

    def _added(self, node: MappingNode, after: tuple[Node, Node] | None, key: str, value: Any) -> Splice:
        """A new entry behind another one, or before the first."""
        indent, first = node.start_mark.column, node.value[0][0].start_mark.index
        if node.flow_style:
            entry = f"{one_line(key)}: {one_line(value)}"
            at = self._end(after[1]) if after else first
            return Splice(at, at, f", {entry}" if after else f"{entry}, ")
        entry = f"{one_line(key)}:{after_name(value, indent)}"
        if after is None:
            return Splice(first, first, f"{entry}\n{' ' * indent}")
        at = self._line_end(self._end(after[1]))
        return Splice(at, at, f"\n{' ' * indent}{entry}")

    def _removals(self, node: MappingNode, kept: list[bool]) -> Iterator[Splice]:
        places = [(name.start_mark.index, self._end(part)) for name, part in node.value]
        lead = 0
        if node.flow_style or not self._begins_its_line(places[0][0]):
            lead = kept.index(True) if True in kept else 0
        if lead:
            yield Splice(places[0][0], places[lead][0], "")
        for number in range(lead, len(kept)):
            start, end = places[number]
            if not kept[number] and node.flow_style:
                yield Splice(places[number - 1][1], end, "")
            elif not kept[number]:
                yield Splice(self._line_start(start), self._line_end(end) + 1, "")

    def _list_changes(self, node: SequenceNode, value: list[Any], indent: int) -> Iterator[Splice]:
        old = [_key(self._value(item)) for item in node.value]
        new = [_key(item) for item in value]
        if not node.flow_style and old != new and self._has_own_lines(node):
            yield self._reordered(node, value, old, new)
            return
        if old == new or (len(old) == len(new) and not any(isinstance(item, Mapping) for item in value)):
            dash = node.start_mark.column
            for item, part in zip(node.value, value, strict=True):
                yield from self._changes(
                    item, part, indent if node.flow_style else dash, "," if node.flow_style else "-"
                )
            return
        yield self._replaced(node, value, indent, "," if node.flow_style else ":")

    def _reordered(self, node: SequenceNode, value: list[Any], old: list[Hashable], new: list[Hashable]) -> Splice:
        """The items by their whole lines, each with the comments above it."""
        dash, bounds = node.start_mark.column, self._bounds(node)
        chunks = []
        for number, part in zip(_taken_from(old, new), value, strict=True):
            if number is None:
                chunks.append(f"{' ' * dash}-{after_dash(part, dash)}\n")
                continue
            chunk = self._spliced(
                bounds[number], bounds[number + 1], self._changes(node.value[number], part, dash, "-")
            )
            chunks.append(chunk if chunk.endswith("\n") else f"{chunk}\n")
        return Splice(bounds[0], bounds[-1], "".join(chunks))

    def _bounds(self, node: SequenceNode) -> list[int]:
        """Where the lines of each item begin, and where those of the last end."""
        first = self._line_start(self._dash(node.value[0]))
        return [first, *(min(self._line_end(self._end(item)) + 1, len(self.source)) for item in node.value)]

    def _has_own_lines(self, node: SequenceNode) -> bool:
        return all(self._begins_its_line(self._dash(item)) for item in node.value)

    def _begins_its_line(self, at: int) -> bool:
        return not self.source[self._line_start(at) : at].strip(WHITE)

    def _dash(self, item: Node) -> int:
        return self.source.rfind("-", 0, item.start_mark.index)

    def _end(self, node: Node) -> int:
        """Behind its last character: the marks of block nodes reach to whatever comes next."""
        if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(node, MappingNode) else last)
        end: int = node.end_mark.index
        if isinstance(node, ScalarNode) and node.style in {"|", ">"}:
            while self.source[end - 1] in WHITE:
                end -= 1
        return end

    def _line_start(self, at: int) -> int:
        return self.source.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        found = self.source.find("\n", at)
        return len(self.source) if found < 0 else found


def _key(value: Any) -> Hashable:
    """What an item is known by when others are put before it: its id, or all of it."""
    return ("id", value["id"]) if isinstance(value, Mapping) and isinstance(value.get("id"), str) else repr(value)


def _taken_from(old: list[Hashable], new: list[Hashable]) -> Iterator[int | None]:
    """Which old item each new one is; one that got another name in its place is still the same."""
    left = list(enumerate(old))
    for place, key in enumerate(new):
        found = next((each for each in left if each[1] == key), None)
        if found is None and len(old) == len(new) and old[place] not in new:
            found = (place, old[place])
        if found is not None:
            left.remove(found)
        yield found[0] if found else None
