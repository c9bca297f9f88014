"""Commands that are a module of the service: run as a program of their own, with whatever was said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import typer

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def passed_on(module: str) -> Callable[[typer.Context], None]:
    """Runs `python -m <module>`; ends as it ends."""

    def run(context: typer.Context) -> None:
        command = [sys.executable, "-m", module, *context.args]
        raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603  our own module

    return run
