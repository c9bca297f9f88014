"""Workflows as YAML: what somebody wrote is kept as it is, comments and all, beside what it says."""

from __future__ import annotations

from typing import Any

import yaml

from domain.enrichment.workflows import Workflow, parse_workflow, written
from domain.errors import InvalidInput


def read_document(source: str) -> Workflow:
    """Raises InvalidInput that names every fault, of the YAML or of the workflow."""
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(source, yaml.SafeLoader)):
            raise InvalidInput("aliases (*name) are not read", hint="Write the value out.")
        raw: Any = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise InvalidInput(f"not YAML: {where}{getattr(error, 'problem', None) or error}") from error
    except RecursionError:
        raise InvalidInput("not YAML: it is nested too deeply") from None
    return parse_workflow(raw)


def write_document(workflow: Workflow) -> str:
    """The shortest YAML that is read back as the same workflow."""
    return yaml.safe_dump(written(workflow), sort_keys=False, allow_unicode=True, width=110)
