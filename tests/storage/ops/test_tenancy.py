"""Nobody sees or touches what belongs to another organization: every method of every repository is called under one
organization's scope with another one's ids, addresses, names and rows.

The calls are made from the repositories themselves. A new parameter that no value is known for fails the test, as does
a method that only the installation may call and that does not say so.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib import import_module
from pkgutil import iter_modules

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain.brands import Colour
from domain.contacts import Domain, EmailAddress, LifecycleStage
from domain.deals import DealStage
from domain.decisions import DecisionKind
from domain.duplicates import ProposalStatus, RecordKind
from domain.enrichment.breaker import Circuit
from domain.enrichment.fields import FIELDS, FieldKind, Subject
from domain.erasure import Traces
from domain.errors import LeadhouseError
from domain.experiments.metrics import Metric
from domain.filters import Condition, Op
from domain.lookalikes import MarkKind
from domain.merging import ContactFacts
from domain.outreach.health import Band
from domain.pipelines import DEFAULT_PIPELINES
from domain.replies.intents import Intent
from domain.service_levels import Clock, Pause
from domain.settings import DataSettings, SecuritySettings, Settings
from domain.tasks import TaskStatus
from domain.tenancy import Role, Scope
from domain.webhook_events import DeliveryStatus, Verdict
from storage.ops import repositories
from storage.ops.repositories.audit import ChainReport
from storage.ops.repositories.base import Repository
from storage.ops.repositories.enrichment_values import SubjectFacts
from storage.ops.repositories.idempotency_keys import KeptAnswer
from storage.ops.repositories.landing_queues import LandingQueue
from storage.ops.store import Store
from storage.ops.tables import Base, Contact, ContactTag
from tests.conftest import TEST_KEYS
from tests.factories import SYSTEM, TESTER
from tests.factories.tenants import Tenant, filled_tables

OF_THE_WORKER = {
    # The worker's own methods: it runs under SystemScope and serves every organization in turn.
    "Jobs": {
        "claim",
        "complete",
        "retry",
        "bury",
        "extend",
        "release",
        "release_lapsed",
        "prune",
        "is_due",
        "counts",
        "requeue_dead",
        "dead",
        "get",
    }
}
OF_ONE_QUESTION = {"ContactFilters", "WordSearch"}
"""Parts of a query that a repository makes with its own organization: they are tried through `ContactLists` and `CompanyLists`."""
PLUMBING = set(dir(Repository))
ROW_CLASSES = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}


def repository_classes() -> Iterator[type]:
    for module in iter_modules(repositories.__path__):
        found = import_module(f"{repositories.__name__}.{module.name}")
        for _, kind in inspect.getmembers(found, inspect.isclass):
            is_ours = (
                kind.__module__ == found.__name__ and kind is not Repository and not issubclass(kind, LandingQueue)
            )
            is_ours = is_ours and kind.__name__ not in OF_ONE_QUESTION
            if is_ours and "work" in inspect.signature(kind.__init__).parameters:
                yield kind


def calls(*, insisting: bool = False) -> list[tuple[type, str]]:
    """Every method to try; `insisting`: those that take an organization."""
    return [
        (kind, name)
        for kind in repository_classes()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name not in PLUMBING and name not in OF_THE_WORKER.get(kind.__name__, ())
        if not insisting or "organization_id" in inspect.signature(getattr(kind, name)).parameters
    ]


def named(found: object) -> str:
    return getattr(found, "__name__", str(found))


def values_of(other: Tenant, work, name: str, parameter: inspect.Parameter):
    """What the caller sends: the other organization's, wherever a value can be somebody's."""
    rows, now = other.rows, work.now()
    table_of = {f"{table[:-1]}_id": table for table in rows if f"{table[:-1]}_id" in rows[table]}
    known = {
        "organization_id": other.organization_id,
        "agency_id": other.organization_id,
        "company_id": rows["companies"]["company_id"],
        "import_id": rows["imports"]["import_id"],
        "identity_decision_id": rows["identity_decisions"]["identity_decision_id"],
        "session_id": other.id_of("login_sessions"),
        "entity_id": rows["audit_log"]["entity_id"],
        "subject_id": other.id_of("subject_keys"),
        "user_id": other.id_of("users"),
        "email": EmailAddress("ada@lovelace.example"),
        "email_hash": rows["contacts"]["email_hash"],
        "external_id": rows["contacts"]["external_id"],
        "domain": Domain(rows["companies"]["domain"]),
        "slug": f"{other.marker}-agency".lower(),
        "token": "lh_ses_unknown",
        "key": rows["attribute_definitions"]["key"],
        "node": rows["identity_decisions"]["left_node"],
        "left_node": "anonymous:1",
        "right_node": f"contact:{other.id_of('contacts')}",
        "intent": Intent.INTERESTED,
        "metric": Metric.DEAL_WON,
        "verdict": Verdict(DeliveryStatus.DELIVERED) if parameter.annotation == "Verdict" else "same",
        "utm_campaign": rows["campaigns"]["utm_campaign"],
        "answer": KeptAnswer(201, [], b"{}"),
        "marks": ContactTag,
        "condition": Condition("tag", Op.EQ, (rows["tags"]["name"],)),
        "pipeline": DEFAULT_PIPELINES[0],
        "pipelines": DEFAULT_PIPELINES,
        "clock": Clock.REP,
        "contact_ids": [other.id_of("contacts")],
        "deal_ids": [other.id_of("deals")],
        "on": date(2026, 3, 2),
        **({"band": Band.WATCH} if parameter.annotation == "Band" else {}),
        **({"status": TaskStatus.DONE} if parameter.annotation == "TaskStatus" else {}),
        **({"status": ProposalStatus.DISMISSED} if parameter.annotation == "ProposalStatus" else {}),
        **({"reason": Pause.SNOOZED} if parameter.annotation == "Pause" else {}),
        "probability": 0.5,
        "prior": None,
        "built_at": now,
        "pointer": {"version": "v", "algorithm": "a", "artifact_hash": "0" * 64},
        "report": ChainReport(1),
        **dict.fromkeys(("primary", "accent"), Colour("#2f5bea")),
        "logo": b"a picture",
        "pem": b"a key",
        **({"secret": b"a secret"} if parameter.annotation == "bytes" else {}),
        "facts": {}
        if "Mapping" in str(parameter.annotation)
        else ContactFacts(external_id=rows["contacts"]["external_id"]),
        "fields": {"first_name": "Changed"} if "Mapping" in str(parameter.annotation) else [],
        "rows": [
            {
                "contact_id": other.id_of("contacts"),
                "organization_id": other.organization_id,
                "known_at": now,
                "subject_id": other.id_of("enrolments"),
                "dedupe_key": rows["message_events"]["dedupe_key"],
            }
        ],
        "day": date(2026, 3, 2),
        "left": timedelta(days=1),
        "lines": [{"subject_id": other.id_of("enrolments"), "outcome": "send", "reason": "allowed"}],
        "address": EmailAddress("ada@lovelace.example"),
        "table": Base.metadata.tables["contacts"],
        "keys": [(other.id_of("contacts"),)] if "Sequence" in str(parameter.annotation) else [],
        "subject": Subject.CONTACT,
        "circuit": Circuit(),
        "overwrite": "rules",
        "definition": {"name": "Changed"},
        "traces": Traces(contact_id=other.id_of("contacts"), emails=frozenset({str(rows["contacts"]["email"])})),
        "payload": {},
        "payloads": [{}],
        "ids": [other.id_of("rejected_events")],
        "job_ids": [other.id_of("jobs")],
        "anonymous_ids": {rows["form_submissions"]["anonymous_id"]},
        "scopes": ["deals:read"],
        "old_ends_at": now,
        "stage": DealStage.WON if parameter.annotation == "DealStage" else LifecycleStage.CUSTOMER,
        "role": Role.OWNER if parameter.annotation == "Role" else "ignored",
        "got_through": True,
        "replayed": False,
        "is_granted": True,
        "at": now,
        "now": now,
        "before": now + timedelta(days=1) if "datetime" in parameter.annotation else None,
        "after": None,
        "cursor": None,
        "value": {} if "Mapping" in parameter.annotation else "ada@lovelace.example",
        "limit": 100,
        "rate": 1.1,
        "changes": {"name": "Changed"},
        "from_status": [rows["imports"]["status"]],
        "amount_minor": 100,
        "currency": "EUR",
        "kind": kind_for(parameter),
        "lasts": timedelta(days=1),
        "within": timedelta(minutes=15),
        "first": date(2026, 1, 1),
        "last": date(2026, 12, 31),
        **dict.fromkeys(("spend_on", "cost_on", "starts_on", "rate_on"), date(2026, 3, 2)),
        **dict.fromkeys(("from_currency", "to_currency"), "EUR"),
    }
    if parameter.annotation == "SubjectFacts":
        known["facts"] = SubjectFacts(Contact(**rows["contacts"]), {}, {}, {}, "")
    if parameter.annotation in ROW_CLASSES:
        row_class = ROW_CLASSES[parameter.annotation]
        return row_class(**rows[row_class.__tablename__])
    if name in table_of:
        return other.id_of(table_of[name])
    if name in known:
        return known[name]
    annotation = str(parameter.annotation)
    if annotation.startswith("str"):
        return f"{name}"
    if "Question" in annotation:
        module = import_module("storage.ops.repositories.contact_questions")
        return module.ContactQuestion()
    for prefix, value in {
        "Sequence": [],
        "Iterable": [],
        "Collection": [],
        "list": [],
        "Mapping": {},
        "bool": True,
        "int": 1,
        "datetime": now,
    }.items():
        if annotation.startswith(prefix):
            return value
    raise AssertionError(f"say what {name}: {annotation} is when it belongs to somebody else")


def kind_for(parameter: inspect.Parameter) -> str | FieldKind | None:
    kinds = {
        "DecisionKind": DecisionKind.SCORE,
        "RecordKind": RecordKind.CONTACT,
        "MarkKind": MarkKind.EXCLUDED,
        "FieldKind": FIELDS[Subject.CONTACT]["title"],
    }
    return kinds.get(parameter.annotation, None if "None" in str(parameter.annotation) else "email")


def in_plain(found) -> Iterator[object]:
    """Everything inside an answer: rows as their columns, dataclasses as their fields."""
    if isinstance(found, Base):
        yield from (getattr(found, column.key) for column in type(found).__table__.columns)
    elif dataclasses.is_dataclass(found) and not isinstance(found, type):
        for item in dataclasses.fields(found):
            yield from in_plain(getattr(found, item.name))
    elif isinstance(found, Mapping):
        for key, value in found.items():
            yield from in_plain(key)
            yield from in_plain(value)
    elif isinstance(found, list | tuple | set | frozenset) or inspect.isgenerator(found):
        for item in found:
            yield from in_plain(item)
    else:
        yield found


def content_of(work, tenant: Tenant) -> dict[str, list]:
    """All rows of an organization, by table."""
    return {
        table.name: [
            tuple(row)
            for row in work.session.execute(
                select(table).where(table.c.organization_id == tenant.organization_id).order_by(*table.primary_key)
            )
        ]
        for table in Base.metadata.sorted_tables
        if "organization_id" in table.c
    }


class Undo(Exception):
    """Ends a unit of work without saving it."""


@pytest.fixture(scope="module")
def tenants(tmp_path_factory, place_sqlite) -> Iterator[tuple[Store, Tenant, Tenant]]:
    """Filled once: every test here is undone."""
    settings = Settings(
        data=DataSettings(dir=tmp_path_factory.mktemp("tenants")), security=SecuritySettings(keys=TEST_KEYS)
    )
    place_sqlite(settings)
    store = Store.open(settings)
    yield store, Tenant(store, "mine"), Tenant(store, "OTHERS")
    store.close()


@pytest.mark.parametrize(("kind", "name"), calls(), ids=named)
def test_no_method_reads_or_changes_another_organization(tenants, kind, name):
    call_with_foreign_values(*tenants, kind, name, insists=False)


@pytest.mark.parametrize(("kind", "name"), calls(insisting=True), ids=named)
def test_naming_another_organization_does_not_help(tenants, kind, name):
    call_with_foreign_values(*tenants, kind, name, insists=True)


def call_with_foreign_values(
    store: Store, mine: Tenant, other: Tenant, kind: type, name: str, *, insists: bool
) -> None:
    method = inspect.signature(getattr(kind, name))
    answer: object = None
    with pytest.raises(Undo), store.write(Scope.of(mine.organization_id), TESTER) as work:
        before = content_of(work, other)
        arguments, extra = [], {}
        for parameter in list(method.parameters.values())[1:]:
            wanted = parameter.default is inspect.Parameter.empty or parameter.name.endswith("_id")
            if parameter.kind is parameter.VAR_KEYWORD or not wanted:
                continue
            if parameter.name == "organization_id" and not insists and parameter.default is not inspect.Parameter.empty:
                continue
            value = values_of(other, work, parameter.name, parameter)
            if parameter.kind is parameter.KEYWORD_ONLY:
                extra[parameter.name] = value
            else:
                arguments.append((parameter.name, value))
        given = {str(item) for value in (*dict(arguments).values(), *extra.values()) for item in in_plain(value)}
        try:
            with work.session.begin_nested():
                answer = getattr(kind(work), name)(**dict(arguments), **extra)
                seen = list(in_plain(answer))
        except (LeadhouseError, IntegrityError):
            seen = []
        work.session.flush()
        work.session.expire_all()
        leaks = [item for item in seen if isinstance(item, str) and "OTHERS" in item and item not in given]
        assert leaks == []
        if not isinstance(answer, str | None):
            assert other.organization_id not in seen
        assert content_of(work, other) == before
        refers = list(references_across(work, mine, other))
        assert refers == []
        raise Undo


def references_across(work, mine: Tenant, other: Tenant) -> Iterator[str]:
    """Rows of mine that refer to a row of the other's."""
    for table in filled_tables():
        if "organization_id" not in table.c:
            continue
        for key in table.foreign_keys:
            target = key.column.table
            if target.name in {"organizations", "users"} or "organization_id" not in target.c:
                continue
            found = work.session.execute(
                select(table)
                .join(target, key.parent == key.column)
                .where(
                    table.c.organization_id == mine.organization_id, target.c.organization_id == other.organization_id
                )
            ).first()
            if found is not None:
                yield f"{table.name}.{key.parent.name}"


def test_raw_sql_under_a_scope_sees_one_tenant_in_every_table_on_postgresql(store):
    if store.dialect != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    mine, other = Tenant(store, "mine"), Tenant(store, "OTHERS")
    with store.read(Scope.of(mine.organization_id)) as work:
        for table in Base.metadata.sorted_tables:
            if "organization_id" in table.c:
                seen = set(work.session.scalars(select(table.c.organization_id)))
                assert seen == {mine.organization_id}, table.name
        assert work.session.scalars(select(Base.metadata.tables["users"].c.user_id)).all() == [mine.id_of("users")]
        assert work.session.scalars(select(Base.metadata.tables["login_sessions"].c.session_id)).all() == []
    with store.read(SYSTEM) as work:
        assert len(work.session.scalars(select(Base.metadata.tables["contacts"].c.contact_id)).all()) == 2
    assert other.organization_id != mine.organization_id


@pytest.mark.parametrize("statement", ["update {} set organization_id = organization_id", "delete from {}"])
def test_raw_sql_under_a_scope_changes_one_tenant_on_postgresql(store, statement):
    if store.dialect != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    from sqlalchemy import text

    mine, other = Tenant(store, "mine"), Tenant(store, "OTHERS")
    with store.read(SYSTEM) as work:
        before = content_of(work, other)
    for table in reversed(Base.metadata.sorted_tables):
        if "organization_id" in table.c and table.name not in {"audit_log", "organizations"}:
            with store.write(Scope.of(mine.organization_id), TESTER) as work:
                work.session.execute(text(statement.format(table.name)))
    with store.read(SYSTEM) as work:
        assert content_of(work, other) == before
