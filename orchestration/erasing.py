"""The last part of an erasure: the lake, the drop folder and the logs, after the store is clean. Batched: letting go of the
lake's bytes costs the history of the whole lake."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.clock import Clock
from domain.contacts import EmailAddress
from domain.erasure import Traces
from domain.errors import InvalidInput, StoreBusy
from domain.imports.reading import Dialect
from domain.settings import Settings
from domain.tenancy import Actor, Scope, SystemScope
from ingest.landing import land
from storage.lake import Lake
from storage.ops.erasing import blank_records, compact, erase_from_store
from storage.ops.repositories.erasures import Erasures
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

ACTOR = Actor.system("erasure")
LINES = {".jsonl", ".ndjson"}
BY_LINE = Dialect(errors="replace", delimiter="\x1f", quote="\x1e")
"""A record is a line: nothing in it is a quote."""
TABLES = {".csv", ".tsv", ".txt", *LINES}
"""Files of the drop folder that are blanked row by row; others that hold the person go as a whole."""


@dataclass(frozen=True, slots=True)
class Erased:
    """One person who is forgotten: rows and files by place, and backups of the store that still hold them."""

    erasure_id: str
    counts: dict[str, int]
    backups: list[str]


def erase_waiting(
    store: Store, lake: Lake, settings: Settings, *, clock: Clock, drop_backups: bool = False
) -> list[Erased]:
    """Finishes every erasure that is asked for, in one pass over the lake.

    Lands first, so that nothing of them is on its way. Raises StoreBusy when the lake stays locked; what is done by then
    is done again without harm.
    """
    with store.read(SystemScope("erasures of every organization")) as work:
        waiting = Erasures(work).unfinished()
    if not waiting:
        return []
    counts = [erase_from_store(store, settings, one.erasure_id, ACTOR) for one in waiting]
    if land(store, lake, clock=clock).skipped_reason:
        raise StoreBusy("the lake is being written", hint="The erasure is finished at the next try.", retry_after=60)
    people = [(one.organization_id, _widened(store, lake, settings, one.erasure_id)) for one in waiting]
    in_lake, _ = lake.forget(people)
    if not compact(store, settings):
        raise StoreBusy("readers kept the store from giving up its free pages", hint="Run it again.", retry_after=60)
    done = []
    for one, (organization_id, traces), in_store, rows in zip(waiting, people, counts, in_lake, strict=True):
        found = {**in_store, **rows, **_blank_drops(store, settings, organization_id, traces)}
        _mask_logs(settings, traces)
        backups = _backups_with(settings, traces, drop=drop_backups)
        detail: dict[str, Any] = {**found, **({"backups": backups} if backups else {})}
        with store.write(Scope.of(organization_id), ACTOR) as work:
            Erasures(work).move(one.erasure_id, "done", detail)
        done.append(Erased(one.erasure_id, found, backups))
    return done


def _widened(store: Store, lake: Lake, settings: Settings, erasure_id: str) -> Traces:
    """What the lake adds to what is known of the person is looked for in the store as well."""
    with store.read(SystemScope("an erasure is widened")) as work:
        erasure = Erasures(work).get(erasure_id)
        traces = Erasures(work).traces(erasure)
        key = Organizations(work).hash_key(erasure.organization_id)
    browsers, addresses = lake.traces_in(erasure.organization_id, traces)
    hashes = {EmailAddress(address).hashed(key) for address in addresses}
    wider = traces.with_more(emails=addresses, email_hashes=hashes, browsers=browsers)
    if wider == traces:
        return traces
    with store.write(Scope.of(erasure.organization_id), ACTOR) as work:
        Erasures(work).remember(Erasures(work).get(erasure_id), wider)
    erase_from_store(store, settings, erasure_id, ACTOR)
    return wider


def _blank_drops(store: Store, settings: Settings, organization_id: str, traces: Traces) -> dict[str, int]:
    with store.read(SystemScope("the folder of an organization")) as work:
        slug = Organizations(work).get(organization_id).slug
    counts: dict[str, int] = {}
    for path in sorted((settings.data.dir.absolute() / "drop" / slug).rglob("*")):
        if path.is_file() and (count := _blank_drop(path, traces)):
            counts["rows of dropped files"] = counts.get("rows of dropped files", 0) + count
    return counts


def _blank_drop(path: Path, traces: Traces) -> int:
    packed = path.suffix == ".gz"
    content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    text = content.decode("utf-8", "surrogateescape")
    if not traces.stand_in(text):
        return 0
    suffix = (path.suffixes[-2:-1] if packed else path.suffixes[-1:]) or [""]
    if suffix[0] not in TABLES:
        path.unlink()
        return 1
    plain = path.with_name(f".{path.name}.plain")
    plain.write_bytes(content)
    count = blank_records(plain, BY_LINE if suffix[0] in LINES else Dialect(errors="replace"), traces)
    if packed:
        path.write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    else:
        plain.replace(path)
    return count


def _mask_logs(settings: Settings, traces: Traces) -> None:
    """In place and of the same length, for a process may be writing at the end."""
    root = settings.data.dir.absolute()
    for path in sorted([*root.glob("logs/**/*"), *root.glob("dbt/**/*.log")]):
        if not path.is_file():
            continue
        content = path.read_bytes()
        folded = content.lower()
        with path.open("r+b") as stream:
            for needle in (one.encode() for one in traces.needles):
                start = folded.find(needle)
                while start >= 0:
                    stream.seek(start)
                    stream.write(b"x" * len(needle))
                    start = folded.find(needle, start + len(needle))


def _backups_with(settings: Settings, traces: Traces, *, drop: bool) -> list[str]:
    """Copies of the store, made before migrations, in which the person still stands; with `drop` they are deleted."""
    needles = [needle.encode() for needle in traces.needles]
    found = []
    for path in sorted((settings.data.dir.absolute() / "backups").glob("*.sqlite")):
        content = path.read_bytes().lower()
        if any(needle in content for needle in needles):
            if drop:
                path.unlink()
            else:
                found.append(path.name)
    return found


def parse_whom(email: str | None, contact: str | None) -> tuple[EmailAddress | None, str | None]:
    """What the command line was given. Raises InvalidInput unless it is exactly one of them."""
    if (email is None) == (contact is None):
        raise InvalidInput("say whom to erase", hint="Give --email or --contact, not both.")
    return (EmailAddress.parse(email) if email else None), contact
