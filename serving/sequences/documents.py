"""Sequences as YAML: what somebody wrote is kept as it is, comments and all, beside what it says."""

from __future__ import annotations

from typing import Any

import yaml

from domain.errors import InvalidInput
from domain.outreach.faults import Fault
from domain.outreach.sequences import Sequence, examine, parse_sequence, written
from serving.mail.templates import check_templates, template_faults
from serving.yaml_documents import load_document


def read_document(source: str) -> Sequence:
    """Raises InvalidInput that names every fault: of the YAML, of the graph, or of a template."""
    sequence = parse_sequence(load_document(source))
    if problems := check_templates(sequence):
        raise InvalidInput("; ".join(problems))
    return sequence


def faults_of_document(raw: Any) -> tuple[Fault, ...]:
    """Every fault of the graph, or, where it has none, of the templates."""
    sequence, faults = examine(raw)
    return tuple(template_faults(sequence)) if sequence else faults


def write_document(sequence: Sequence) -> str:
    """The shortest YAML that is read back as the same sequence."""
    return yaml.safe_dump(written(sequence), sort_keys=False, allow_unicode=True, width=110)
