"""The switch of the whole installation, for whoever runs the machine: `python -m serving.sending.installation --help`.

A file in the data folder stops everything from the next message on, also while the store does not answer. It holds who
stopped it, when and why; one that somebody made by hand stops as well, with its text as the reason. The ledger of every
organization says it too.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from domain.decisions import DecisionKind
from domain.errors import LeadhouseError
from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

FILE = "sending.stopped"
SUBJECT = "installation"
"""Kind and id of what the ledger's rows are about."""
SCOPE = SystemScope("the installation's switch")
ACTOR = Actor("user", "command line")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Stopped:
    """Who switched it off, why and when; empty where nobody can know."""

    by: str
    why: str
    at: datetime | None


def stop_file(settings: Settings) -> Path:
    return settings.data.dir / FILE


def is_installation_stopped(settings: Settings) -> bool:
    """Asked before every message."""
    return not settings.outreach.enabled or os.path.exists(_path_in(settings.data.dir))  # noqa: PTH110  a Path is dearer


@lru_cache(maxsize=16)
def _path_in(folder: Path) -> str:
    return str(folder / FILE)


def installation_stop(settings: Settings) -> Stopped | None:
    """None where sending is on. A file that cannot be read stops all the same."""
    if not settings.outreach.enabled:
        return Stopped("", "the setting LEADHOUSE_OUTREACH__ENABLED is off", None)
    path = stop_file(settings)
    try:
        text, at = path.read_text(encoding="utf-8").strip(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return Stopped("", "", None)
    try:
        said = json.loads(text)
        return Stopped(str(said["by"]), str(said["why"]), datetime.fromisoformat(said["at"]))
    except (ValueError, TypeError, KeyError):
        return Stopped("", text[:200], at)


def stop(store: Store, settings: Settings, *, by: str, why: str) -> None:
    """Stops first and writes it down then: a store that does not answer keeps nothing from stopping."""
    path = stop_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({"by": by, "why": why, "at": store.clock().isoformat()}), encoding="utf-8")
    partial.replace(path)
    _write_down(store, "stopped", by, why)


def let_go_on(store: Store, settings: Settings, *, by: str, why: str) -> None:
    """Writes it down first: nothing goes on that nobody let go on."""
    if stop_file(settings).exists():
        _write_down(store, "on", by, why)
        stop_file(settings).unlink()


def _write_down(store: Store, outcome: str, by: str, why: str) -> None:
    """A row in the ledger of every organization: it holds for each of them."""
    with store.read(SCOPE) as work:
        everyone = [each.organization_id for each in Organizations(work).all()]
    for first in range(0, len(everyone), BATCH):
        with store.write(SCOPE, ACTOR) as work:
            Decisions(work).record_many(
                {
                    "organization_id": each, "kind": DecisionKind.SWITCH.value, "subject_kind": SUBJECT,
                    "subject_id": SUBJECT, "outcome": outcome, "reason": "by_hand", "detail": {"why": why, "by": by},
                    "rule_version": "",
                }
                for each in everyone[first : first + BATCH]
            )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Ends with 1 where sending is off after it, with 2 where it could not be done."""
    asked = argparse.ArgumentParser(
        prog="leadhouse sending", description="Stops all sending of this installation, or lets it go on."
    )
    asked.add_argument("act", choices=["stop", "go-on", "status"])
    asked.add_argument("--why", default="", help="kept with your name, and shown where it stops things")
    given = asked.parse_args(arguments)
    settings = Settings.load(os.environ, Path(".env"))
    if given.act != "status":
        if not given.why.strip():
            asked.error("say --why: everybody who waits will ask")
        act = stop if given.act == "stop" else let_go_on
        try:
            act(Store.open(settings), settings, by=getpass.getuser(), why=given.why.strip()[:200])
        except LeadhouseError as problem:
            print(problem, file=sys.stderr)
            return 2
    found = installation_stop(settings)
    if found is None:
        print("Sending is on.")
        return 0
    said = [f"by {found.by}" if found.by else "", f"on {found.at:%-d %B %Y %H:%M} UTC" if found.at else ""]
    print(" ".join(["Sending is off", *filter(None, said)]) + (f": {found.why}" if found.why else "."))
    return 1


if __name__ == "__main__":
    sys.exit(main())
