"""Providers and their connections: what there is, accounts, uploaded tables, one question to try, and limits of money."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from domain.enrichment.answers import Operation
from domain.enrichment.fields import FIELDS
from domain.enrichment.spending import micros
from domain.errors import Conflict, InvalidInput
from serving import etags
from serving.access.principals import Principal
from serving.enrichment.base import Provider, all_providers, provider_of
from serving.enrichment.plans import SETTING, joint_of, today_of
from serving.enrichment.providers.csv_table.provider import line_key
from serving.enrichment.schemas import (
    CatalogueOut,
    ConnectionChange,
    ConnectionIn,
    ConnectionListOut,
    ConnectionOut,
    FieldOut,
    LimitsIn,
    LimitsOut,
    OperationOut,
    OptionOut,
    ProviderOut,
    TableOut,
)
from serving.ownership import require_own
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.enrichment_calls import EnrichmentBudgets, day_scope, month_scope
from storage.ops.repositories.enrichment_connections import EnrichmentConnections
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, Work
from storage.ops.tables import EnrichmentConnection

LINES_AT_ONCE = 500
MOST_SHOWN = 100
TABLE = "csv_table"


def catalogue() -> CatalogueOut:
    return CatalogueOut(
        providers=[_provider(each) for each in sorted(all_providers().values(), key=lambda one: one.title)],
        fields=[
            FieldOut(name=kind.name, label=kind.label, subject=kind.subject.value, lasts_days=kind.lasts.days)
            for of_subject in FIELDS.values()
            for kind in of_subject.values()
        ],
    )


def list_connections(work: Work) -> ConnectionListOut:
    return ConnectionListOut(items=[shown(work, row) for row in EnrichmentConnections(work).of_organization()])


def connect(work: Work, body: ConnectionIn) -> ConnectionOut:
    """Raises InvalidInput for options or secrets that the provider does not take."""
    provider = provider_of(body.provider)
    _check(provider, body.options, body.secrets)
    if missing := [name for name in provider.secrets if not body.secrets.get(name)]:
        raise InvalidInput(f"{provider.title} needs {', '.join(missing)}")
    row = EnrichmentConnections(work).add(
        body.name, provider.name, secrets=body.secrets,
        facts={
            "options": body.options, "per_unit": micros(Decimal(str(body.price))),
            "per_minute": body.per_minute or provider.per_minute, "concurrent": body.concurrent or provider.concurrent,
        },
    )  # fmt: skip
    return shown(work, row)


def change(work: Work, connection_id: str, body: ConnectionChange, if_match: str | None) -> ConnectionOut:
    row = own(work, connection_id)
    etags.check(if_match, row.updated_at)
    provider = provider_of(row.provider)
    sent = body.model_dump(exclude_none=True)
    _check(provider, sent.get("options", row.options), sent.get("secrets", {}))
    changes: dict[str, Any] = {name: sent[name] for name in ("options", "per_minute", "concurrent") if name in sent}
    if body.price is not None:
        changes["per_unit"] = micros(Decimal(str(body.price)))
    return shown(work, EnrichmentConnections(work).change(row, changes, body.secrets))


def switch(work: Work, connection_id: str, status: str) -> ConnectionOut:
    row = own(work, connection_id)
    EnrichmentConnections(work).set_status(row, status, "by_hand" if status == "paused" else "")
    return shown(work, row)


def put_table(store: Store, principal: Principal, connection_id: str, text: str) -> TableOut:
    """Writes the lines of a CSV in place of those that were there. Raises InvalidInput for one without the key's column."""
    with store.read(principal.scope) as work:
        row = own(work, connection_id)
        if row.provider != TABLE:
            raise Conflict(f"{row.name} is no table", hint="Connect a CSV table for it.")
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text))
    key_column, columns = str(row.options.get("key_column") or "domain"), dict(row.options.get("columns") or {})
    head = reader.fieldnames or []
    if missing := [name for name in (key_column, *columns) if name not in head]:
        raise InvalidInput(
            f"the table has no column {missing[0]!r}", hint=f"Its columns are: {', '.join(map(str, head[:50]))}."
        )
    refused: list[int] = []
    count, is_first = 0, True
    for lines in list(
        _batches(_lines(reader, key_column, columns, refused))
    ):  # read to its end before anything is written
        with store.write(principal.scope, principal.actor) as work:
            row = own(work, connection_id)
            count += EnrichmentConnections(work).put_lines(row, lines, replaces=is_first)
            is_first = False
    if is_first:
        raise InvalidInput("the table has no line with a key")
    with store.write(principal.scope, principal.actor) as work:
        count = EnrichmentConnections(work).line_count(own(work, connection_id))
        Audit(work).record("upload", "enrichment_connection", connection_id, after={"line_count": count})
    return TableOut(line_count=count, refused=refused)


def limits(work: Work) -> LimitsOut:
    organization = Organizations(work).get(work.scope.organization_id)  # type: ignore[union-attr]
    held = OrganizationSettings(work).current(SETTING)
    value: Mapping[str, Any] = held.value if held else {}
    today = today_of(organization.time_zone, work.now())
    seen = EnrichmentBudgets(work).of([day_scope(today), month_scope(today)])
    day, month = seen.get(day_scope(today)), seen.get(month_scope(today))
    return LimitsOut(
        per_day=value.get("per_day"), per_month=value.get("per_month"), currency=organization.currency,
        spent_today_micros=day.spent if day else 0, reserved_micros=day.reserved if day else 0,
        spent_month_micros=month.spent if month else 0,
    )  # fmt: skip


def put_limits(work: Work, body: LimitsIn) -> LimitsOut:
    before = limits(work).model_dump(include={"per_day", "per_month"})
    after = body.model_dump()
    OrganizationSettings(work).put(SETTING, {name: value for name, value in after.items() if value is not None})
    Audit(work).record("change", "setting", SETTING, before=before, after=after)
    return limits(work)


def own(work: Work, connection_id: str) -> EnrichmentConnection:
    """A connection of the chosen organization itself. Raises NotFound for a client's."""
    row = EnrichmentConnections(work).get(connection_id)
    require_own(work, row.organization_id, "connection")
    return row


def shown(work: Work, row: EnrichmentConnection) -> ConnectionOut:
    connections = EnrichmentConnections(work)
    joint = joint_of(connections, row)
    organization = Organizations(work).get(row.organization_id)
    rests = row.open_until if row.open_until and row.open_until > work.now() else None
    return ConnectionOut(
        enrichment_connection_id=row.enrichment_connection_id, name=row.name, provider=row.provider,
        title=joint.provider.title, status=row.status, status_reason=row.status_reason, problem=joint.problem,
        rests_until=rests, options=row.options, secrets_held=sorted(joint.secrets), price_micros=row.per_unit,
        currency=organization.currency, per_minute=row.per_minute, concurrent=row.concurrent,
        operations=[_operation_out(each) for each in joint.operations],
        line_count=connections.line_count(row) if row.provider == TABLE else None, updated_at=row.updated_at,
        etag=etags.etag_of(row.updated_at),
    )  # fmt: skip


def _check(provider: Provider, options: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    known = {option.name for option in provider.options}
    if unknown := sorted(set(options) - known):
        raise InvalidInput(
            f"{provider.title} has no option {unknown[0]!r}", hint=f"Options: {', '.join(sorted(known)) or 'none'}."
        )
    allowed = {*provider.secrets, *provider.optional_secrets}
    if unknown := sorted(set(secrets) - allowed):
        raise InvalidInput(
            f"{provider.title} takes no secret {unknown[0]!r}", hint=f"Secrets: {', '.join(sorted(allowed)) or 'none'}."
        )
    for option in provider.options:
        value = options.get(option.name)
        wanted = {"mapping": dict, "texts": list}.get(option.kind, str)
        if value is not None and not isinstance(value, wanted):
            raise InvalidInput(f"{option.name} is a {wanted.__name__}, not {value!r}")
    provider.operations(options)


def _provider(provider: Provider) -> ProviderOut:
    try:
        operations = provider.operations({})
    except InvalidInput:
        operations = ()
    return ProviderOut(
        name=provider.name, title=provider.title, about=provider.about, needs_account=not provider.is_free,
        secrets=list(provider.secrets), optional_secrets=list(provider.optional_secrets),
        options=[
            OptionOut(
                name=each.name, label=each.label, help=each.help, kind=each.kind, default=each.default,
                choices=list(each.choices),
            )
            for each in provider.options
        ],
        operations=[_operation_out(each) for each in operations], unit=provider.unit, per_minute=provider.per_minute,
        concurrent=provider.concurrent,
    )  # fmt: skip


def _operation_out(operation: Operation) -> OperationOut:
    return OperationOut(
        name=operation.name, subject=operation.subject.value, gives=sorted(operation.gives),
        needs=[list(names) for names in operation.needs], charges=operation.charges,
    )  # fmt: skip


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max((",", ";", "\t"), key=head.count)


def _lines(
    reader: csv.DictReader[str], key_column: str, columns: Mapping[str, str], refused: list[int]
) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        for line in reader:
            key = line_key(str(line.get(key_column) or ""))
            told = {name: line[column].strip() for column, name in columns.items() if (line.get(column) or "").strip()}
            if key:
                yield key, told
            elif len(refused) < MOST_SHOWN:
                refused.append(reader.line_num)
    except csv.Error as error:
        raise InvalidInput(f"line {reader.line_num} is no line of a CSV: {error}") from error


def _batches(lines: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[dict[str, dict[str, Any]]]:
    """A key that stands there twice means what its last line says."""
    batch: dict[str, dict[str, Any]] = {}
    for key, told in lines:
        batch[key] = told
        if len(batch) >= LINES_AT_ONCE:
            yield batch
            batch = {}
    if batch:
        yield batch
