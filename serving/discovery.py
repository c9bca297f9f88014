"""What is found because it is there: each folder of a package that holds a certain module."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


def in_folders(package: ModuleType, module: str, name: str) -> list[Any]:
    """`name` of `<package>.<folder>.<module>`, for every folder."""
    folders = (found.name for found in iter_modules(package.__path__) if found.ispkg)
    return [getattr(import_module(f"{package.__name__}.{folder}.{module}"), name) for folder in folders]
