"""Sequences as YAML: what somebody wrote is kept as it is, comments and all, beside what it says."""

from __future__ import annotations

import yaml

from domain.errors import InvalidInput
from domain.outreach.sequences import Sequence, parse_sequence, written
from serving.mail.templates import check_templates


def read_document(source: str) -> Sequence:
    """Raises InvalidInput that names every fault: of the YAML, of the graph, or of a template."""
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(source, yaml.SafeLoader)):
            raise InvalidInput("aliases (*name) are not read", hint="Write the value out.")
        raw = yaml.safe_load(source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise InvalidInput(f"not YAML: {where}{getattr(error, 'problem', None) or error}") from error
    sequence = parse_sequence(raw)
    if problems := check_templates(sequence):
        raise InvalidInput("; ".join(problems))
    return sequence


def write_document(sequence: Sequence) -> str:
    """The shortest YAML that is read back as the same sequence."""
    return yaml.safe_dump(written(sequence), sort_keys=False, allow_unicode=True, width=110)
