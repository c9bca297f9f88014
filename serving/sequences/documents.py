"""Sequences as YAML: what somebody wrote is kept as it is, comments and all, beside what it says."""

from __future__ import annotations

from typing import Any

import yaml

from domain.errors import InvalidInput
from domain.outreach.faults import Fault
from domain.outreach.sequences import Sequence, examine, parse_sequence, written
from serving.mail.templates import check_templates, template_faults


def read_document(source: str) -> Sequence:
    """Raises InvalidInput that names every fault: of the YAML, of the graph, or of a template."""
    sequence = parse_sequence(load_document(source))
    if problems := check_templates(sequence):
        raise InvalidInput("; ".join(problems))
    return sequence


def load_document(source: str) -> Any:
    """What the YAML says, sound or not. Raises InvalidInput where it is none."""
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(source, yaml.SafeLoader)):
            raise InvalidInput("aliases (*name) are not read", hint="Write the value out.")
        return yaml.safe_load(source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise InvalidInput(f"not YAML: {where}{getattr(error, 'problem', None) or error}") from error
    except (ValueError, OverflowError) as error:  # a date or a number that there is not
        raise InvalidInput(f"not YAML: {error}") from error
    except RecursionError as error:
        raise InvalidInput("not a sequence: it is nested too deeply") from error


def faults_of_document(raw: Any) -> tuple[Fault, ...]:
    """Every fault of the graph, or, where it has none, of the templates."""
    sequence, faults = examine(raw)
    return tuple(template_faults(sequence)) if sequence else faults


def write_document(sequence: Sequence) -> str:
    """The shortest YAML that is read back as the same sequence."""
    return yaml.safe_dump(written(sequence), sort_keys=False, allow_unicode=True, width=110)
