"""Forgetting a person in the store and in the files beside it; the lake's part comes after (`orchestration.erasing`).

What goes: every row in which they stand, whatever table it is in, also ones that are made later; the key that their audit
values are sealed under; their rows of uploaded files. What stays: deals, revenue and companies without them, the rows of an
import as blanks, and the hash that keeps anybody from writing to them again.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from domain.contacts import EmailAddress
from domain.erasure import Traces, blanked
from domain.errors import InvalidInput
from domain.imports.reading import Dialect, read_records
from domain.settings import Settings
from domain.tenancy import Actor, Scope, SystemScope
from storage.ops.bulk.files import upload_path
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.erasures import Erasures, searched_tables
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.subject_keys import SubjectKeys
from storage.ops.store import Store, Work
from storage.ops.tables import Erasure

JOB = "erase_person"
FULL_TEXT_INDEXES = ("contact_words_index", "company_words_index")
"""Of SQLite: what is deleted from them is only marked, until their parts are merged."""
_ROUNDS = 50
"""Transactions for one table: 10,000 rows."""
_COMPACTING_TRIES = 20


def ask_erasure(work: Work, *, contact_id: str | None = None, email: EmailAddress | None = None) -> Erasure:
    """Notes that a person is to be forgotten, keeps others from writing to them from now on, and queues the work.

    Raises NotFound where an id is nobody here; an address that is no contact is searched for all the same.
    """
    if contact_id is None and email is None:
        raise InvalidInput("say whom to erase", hint="Give a contact's id or an e-mail address.")
    erasures = Erasures(work)
    traces = erasures.traces_of(contact_id=contact_id, email=email)
    for address in traces.emails:
        Suppressions(work).add("email", address, reason="legal", source="erasure")
    made = erasures.create(traces)
    Audit(work).record("erase", "contact", traces.contact_id or made.erasure_id)
    Jobs(work).enqueue(JOB, payload={"erasure_id": made.erasure_id}, unique_key=f"{JOB}:{made.erasure_id}")
    return made


def erase_from_store(store: Store, settings: Settings, erasure_id: str, actor: Actor) -> dict[str, int]:
    """Takes the person out of every table and uploaded file; answers how many rows of each. Repeating it is harmless.

    Raises NotFound for an erasure that is none.
    """
    with store.read(SystemScope("an erasure is looked up by its id")) as work:
        erasure = Erasures(work).get(erasure_id)
        traces = Erasures(work).traces(erasure)
    if erasure.status == "done":
        return {}
    scope = Scope.of(erasure.organization_id)
    counts = _blank_uploads(store, settings, erasure.organization_id, traces)
    for table in searched_tables():
        for _ in range(_ROUNDS):
            with store.read(scope) as work:
                keys = Erasures(work).rows_about(table, erasure.organization_id, traces)
            if not keys:
                break
            with store.write(scope, actor) as work:
                Erasures(work).take_away(table, keys, traces)
            counts[table.name] = counts.get(table.name, 0) + len(keys)
    with store.write(scope, actor) as work:
        if traces.contact_id and SubjectKeys(work).shred(traces.contact_id):
            counts["subject_keys"] = 1
        if erasure.status == "asked":
            Erasures(work).move(erasure_id, "store_erased", counts)
    return counts


def _blank_uploads(store: Store, settings: Settings, organization_id: str, traces: Traces) -> dict[str, int]:
    """Letter by letter in their place, so that every other row keeps its number."""
    with store.read(Scope.of(organization_id)) as work:
        lines = Erasures(work).rows_of_entity(organization_id, traces.contact_id) if traces.contact_id else {}
        files = [
            (found.import_id, Dialect.from_json(found.dialect)) for found in Erasures(work).imports(organization_id)
        ]
    blanked_count = 0
    for import_id, dialect in files:
        path = upload_path(settings, import_id)
        if path.is_file():
            blanked_count += blank_records(path, dialect, traces, lines.get(import_id, ()))
    return {"rows of uploaded files": blanked_count} if blanked_count else {}


def blank_records(path: Path, dialect: Dialect, traces: Traces, numbers: object = ()) -> int:
    """Overwrites the records of a delimited file that speak of the person or begin on one of the lines `numbers`."""
    errors = "strict" if dialect.errors == "strict" else "surrogateescape"
    with path.open(encoding=dialect.encoding, errors=errors, newline="") as stream:
        content = stream.read()
    physical = content.splitlines(keepends=True)
    wanted = set(numbers) if isinstance(numbers, list | tuple | set) else set()
    count = 0
    for record in read_records(iter(physical), dialect):
        if record.line in wanted or traces.stand_in(record.raw):
            last = record.line + len(record.raw.splitlines() or [""])
            for index in range(record.line - 1, min(last - 1, len(physical))):
                physical[index] = blanked(physical[index])
            count += 1
    if count:
        partial = path.with_suffix(".partial")
        with partial.open("w", encoding=dialect.encoding, errors=errors, newline="") as stream:
            stream.write("".join(physical))
        partial.replace(path)
    return count


def compact(store: Store, settings: Settings) -> bool:
    """Gives up the free pages of a SQLite store, where deleted text stands until it is overwritten, the deleted words of
    its full-text indexes, and its write-ahead log. Writers wait meanwhile (about a second for 100 MB). False where readers kept the log from being emptied.

    PostgreSQL does this itself: autovacuum for its pages, recycling for its log (see the docs on erasure).
    """
    url = make_url(settings.store_url)
    if store.dialect != "sqlite" or not url.database:
        return True
    with closing(sqlite3.connect(url.database, timeout=30, isolation_level=None)) as connection:
        for index in FULL_TEXT_INDEXES:
            connection.execute(f"insert into {index} ({index}) values ('optimize')")
        connection.execute("vacuum")
        for _ in range(_COMPACTING_TRIES):
            (is_busy, _, _) = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            if not is_busy:
                return True
            time.sleep(0.1)
    return False
