"""How the command line speaks: rich for people, `--json` for scripts, and an error that says what to do next."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from domain.errors import LeadhouseError

P = ParamSpec("P")
R = TypeVar("R")

out = Console(highlight=False, file=sys.stdout)
err = Console(stderr=True, highlight=False)


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Turns an error made on purpose into its message, its hint and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LeadhouseError as error:
            err.print(f"[bold red]{error.code}[/]: {error.message}")
            if error.hint:
                err.print(f"  → {error.hint}")
            raise SystemExit(1) from error

    return run


def emit(value: Any, *, as_json: bool, show: Callable[[], None]) -> None:
    """Prints one JSON document, or what `show` prints for people."""
    if as_json:
        json.dump(value, sys.stdout, default=str, indent=2)
        sys.stdout.write("\n")
    else:
        show()


class Steps:
    """A progress bar a job: each is added when it first reports, and filled as it goes."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, done: int, total: int, detail: str = "") -> None:
        if self._progress is None:
            return
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=max(total, 1), detail="")
        self._progress.update(self._tasks[name], completed=done, total=max(total, 1), detail=detail)


@contextmanager
def progress_bars(*, quiet: bool = False) -> Iterator[Steps]:
    """Bars for long work; nothing when quiet (scripts that want JSON)."""
    if quiet:
        yield Steps(None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=30),
        TextColumn("{task.completed:>7,.0f}/{task.total:<7,.0f}"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[detail]}"),
    )
    with Progress(*columns, console=out) as progress:
        yield Steps(progress)
