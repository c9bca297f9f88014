"""One command that serves everything: starts the children, restarts one that dies, and stops them all together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from storage.background import stand_back

STOP_WITHIN_SECONDS = 20.0
LONGEST_BACK_OFF_SECONDS = 30.0


@dataclass(slots=True)
class Child:
    """A process to keep alive: its name, how to start it, and how often it has died."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    """Where its output goes; None is the supervisor's own terminal."""
    process: subprocess.Popen[bytes] | None = None
    niceness: int = 0
    """How far it stands back for the processor (`storage.background`)."""
    deaths: int = 0
    start_again_at: float = 0.0

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches only the supervisor, which then ends each child's whole group in order.
        with ExitStack() as opened:
            output = None
            if self.log is not None:
                self.log.parent.mkdir(parents=True, exist_ok=True)
                output = opened.enter_context(self.log.open("ab"))  # the child keeps its own copy of the descriptor
            self.process = subprocess.Popen(  # noqa: S603  our own command lines
                self.command,
                env={**os.environ, **self.environment},
                start_new_session=True,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
            )
        if self.niceness:
            stand_back(self.niceness, pid=self.process.pid, whole_session=True)

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


def supervise(children: list[Child], *, say: Callable[[str], None], stop: threading.Event | None = None) -> int:
    """Runs the children until SIGINT, SIGTERM or `stop`; a child that dies starts again with back-off (2, 4, 8 … 30 s).

    Returns 0 when all ended by themselves within the grace time, 1 when one had to be killed.
    """
    stopping = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
    for child in children:
        child.start()
    while not stopping.wait(0.3):
        for child in children:
            _revive(child, say)
    return _end(children)


def _revive(child: Child, say: Callable[[str], None]) -> None:
    now = time.monotonic()
    if child.process is not None and child.process.poll() is not None:
        child.deaths += 1
        pause = min(LONGEST_BACK_OFF_SECONDS, 2.0**child.deaths)
        where = f" (see {child.log})" if child.log else ""
        say(f"{child.name} ended with code {child.process.returncode}{where}; starting it again in {pause:.0f} s")
        child.process, child.start_again_at = None, now + pause
    elif child.process is None and now >= child.start_again_at:
        child.start()


def _end(children: list[Child]) -> int:
    """SIGINT, which Dagster's tools hand on to what they started; SIGTERM to those that heed no SIGINT, as do programs
    whose shell put them into the background; SIGKILL at the end of the grace time. Answers 1 when it came to that."""
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for number, until in ((signal.SIGINT, deadline - STOP_WITHIN_SECONDS / 2), (signal.SIGTERM, deadline)):
        for child in reversed(children):
            child.signal(number)
        if all(_has_ended(child, until) for child in children):
            return 0
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()
    return 1


def _has_ended(child: Child, until: float) -> bool:
    """Waits until then at most."""
    if child.process is None:
        return True
    try:
        child.process.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next free one above it; 0 asks the system for any."""
    for port in range(wanted, min(wanted + 100, 65536)) if wanted else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port between {wanted} and {wanted + 99} on {host}")


def python_module(module: str, *arguments: str) -> list[str]:
    """The command line of one of our own modules, run by this interpreter."""
    return [sys.executable, "-m", module, *arguments]
