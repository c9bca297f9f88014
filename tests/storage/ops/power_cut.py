"""A power cut, simulated: of every file only the bytes of its last sync survive. Run as a process of its own, for it opens
the store with a second SQLite library (apsw): `python tests/storage/ops/power_cut.py FOLDER SYNCHRONOUS CUTS SEED`.

It drives the product's own writer (`SqliteInbox`: its pragmas, its statements), cuts at random moments, and prints as JSON
how many events were acknowledged and how many of those are missing afterwards.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
from pathlib import Path
from typing import Any

import apsw

from storage.ops.inbox import sqlite as product
from storage.ops.inbox.base import Entry, EventRow

durable: dict[str, bytes] = {}


class SyncedFile(apsw.VFSFile):
    """Remembers the content of the file at its last sync."""

    def __init__(self, name: Any, flags: list[int]) -> None:
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else name
        super().__init__("", name, flags)

    def xSync(self, _flags: int) -> None:
        # The real disk is not asked: what counts here is which bytes SQLite asked it to keep.
        size = super().xFileSize()
        durable[self.path] = super().xRead(size, 0) if size else b""


class ForgetfulDisk(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("forgetful", base="")

    def xOpen(self, name: Any, flags: list[int]) -> SyncedFile:
        return SyncedFile(name, flags)


class Connection:
    """apsw in the clothes that `SqliteInbox` knows."""

    def __init__(self, path: str, synchronous: str) -> None:
        self._inner = apsw.Connection(path, vfs="forgetful")
        self._synchronous = synchronous

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        if statement == "PRAGMA synchronous=FULL":
            statement = f"PRAGMA synchronous={self._synchronous}"
        self._inner.execute(statement, values)
        return self

    @property
    def rowcount(self) -> int:
        return self._inner.changes()

    @property
    def in_transaction(self) -> bool:
        return self._inner.in_transaction

    def close(self) -> None:
        self._inner.close()


def cut_once(path: Path, template: bytes, synchronous: str, chance: random.Random) -> tuple[int, int, str]:
    """Fills a new store until a random moment, cuts, and answers acknowledged, lost and what integrity_check says."""
    durable.clear()
    path.write_bytes(template)
    durable[str(path)] = template
    inbox = product.SqliteInbox(lambda: Connection(str(path), synchronous))
    acknowledged: list[str] = []
    for commit in range(chance.randint(5, 120)):
        ids = [f"{commit}-{row}" for row in range(chance.choice([1, 1, 3, 20, 60]))]
        inbox.commit(
            [Entry([EventRow("o", event_id, "s", "2026-03-02 12:00:00.000000", "x" * 700, "{}")]) for event_id in ids]
        )
        acknowledged += ids
    image = dict(durable)  # the power goes here
    after = path.with_suffix(".after")
    for name, content in image.items():
        if name.endswith(("-wal", path.name)):
            Path(name.replace(str(path), str(after))).write_bytes(content)
    survivor = sqlite3.connect(after)
    stored = {row[0] for row in survivor.execute("select event_id from event_inbox")}
    health = survivor.execute("pragma integrity_check").fetchone()[0]
    survivor.close()
    inbox.close()
    for left in path.parent.glob(f"{path.stem}.*"):
        left.unlink()
    return len(acknowledged), len(set(acknowledged) - stored), health


def main() -> None:
    folder, synchronous, cuts, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    disk = ForgetfulDisk()  # registered as long as it lives
    template = (folder / "store.sqlite").read_bytes()
    chance = random.Random(seed)
    results = [cut_once(folder / f"cut{number}.sqlite", template, synchronous, chance) for number in range(cuts)]
    print(
        json.dumps(
            {
                "acknowledged": sum(result[0] for result in results),
                "lost": sum(result[1] for result in results),
                "cuts_with_loss": sum(result[1] > 0 for result in results),
                "damaged": sum(result[2] != "ok" for result in results),
            }
        )
    )
    del disk


if __name__ == "__main__":
    main()
