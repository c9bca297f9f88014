"""Workflows as YAML: what somebody wrote is kept as it is, comments and all, beside what it says."""

from __future__ import annotations

import yaml

from domain.enrichment.workflows import Workflow, parse_workflow, written
from serving.yaml_documents import load_document


def read_document(source: str) -> Workflow:
    """Raises InvalidInput that names every fault, of the YAML or of the workflow."""
    return parse_workflow(load_document(source))


def write_document(workflow: Workflow) -> str:
    """The shortest YAML that is read back as the same workflow."""
    return yaml.safe_dump(written(workflow), sort_keys=False, allow_unicode=True, width=110)
