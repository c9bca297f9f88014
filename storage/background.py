"""Work that nobody waits for stands back from work whose answer somebody waits for, when both want the processor.

On a machine of two cores an import or a build otherwise takes from capture as much as capture needs itself.
"""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from pathlib import Path


def stand_back(niceness: int, *, pid: int = 0, whole_session: bool = False) -> None:
    """Gives process `pid` (0: this one) and what it starts from now on a niceness (0 to 19) of at least this.

    `whole_session`: its session's too, for a process that leads one of its own. Where Linux shares processors between
    sessions first (sched(7), "The autogroup feature"), a niceness counts only within one. Where a system allows neither,
    nothing changes.
    """
    with suppress(OSError):
        if os.getpriority(os.PRIO_PROCESS, pid) < niceness:
            os.setpriority(os.PRIO_PROCESS, pid, niceness)
    if whole_session:
        with suppress(OSError):
            Path(f"/proc/{pid or 'self'}/autogroup").write_text(f"{niceness}\n", encoding="ascii")


def collect_rarely() -> None:
    """Python looks for circles among objects again and again, through all that a process has loaded: 0.1 s of every thousand
    messages that are decided on. What is there now is looked at no more, and new objects in larger lots."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
