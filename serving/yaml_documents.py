"""Documents that people write as YAML, read as plain values and nothing else."""

from __future__ import annotations

from typing import Any

import yaml

from domain.errors import InvalidInput


def load_document(source: str) -> Any:
    """What the YAML says, sound or not. Raises InvalidInput where it is none; aliases, which could make a short text huge,
    are not read."""
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
        raise InvalidInput("not YAML: it is nested too deeply") from error
