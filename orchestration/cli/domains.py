"""Whether a domain is ready to send mail."""

from __future__ import annotations

import subprocess
import sys

import typer

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def domain(context: typer.Context) -> None:
    """Runs `python -m serving.deliverability` with whatever was said; ends as it ends."""
    command = [sys.executable, "-m", "serving.deliverability", *context.args]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603  our own module
