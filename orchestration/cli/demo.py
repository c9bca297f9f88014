"""`leadhouse demo`: an agency with two clients, real leads and a site's history, from nothing to scored and attributed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from domain.clock import utc_now
from orchestration.builds import is_behind
from orchestration.cli.console import emit, out, progress_bars
from orchestration.cli.passes import show_reports, whole_pass
from orchestration.cli.prepare import prepare
from orchestration.cli.serve import serve
from orchestration.state import current_settings, open_lake, open_store
from orchestration.summary import Summary, rows_per_layer, summarise

if TYPE_CHECKING:
    from orchestration.demo_agency import DemoAgency


def demo(
    serve_after: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve after the summary, or end.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON document.")] = False,
) -> None:
    from orchestration.demo_agency import build_demo_agency

    prepare(quiet=True)
    store, lake, settings = open_store(), open_lake(), current_settings()
    with progress_bars(quiet=as_json) as steps:
        agency = build_demo_agency(store, lake, settings, clock=utc_now, progress=steps)
    has_news = agency.has_news or is_behind(lake)
    if has_news:
        reports = whole_pass(train=True, quiet=as_json)
        if not as_json:
            show_reports(reports)
    summaries = [summarise(store, lake, client) for client in agency.clients]
    layers = rows_per_layer(lake)
    document = {"layers": layers, "organizations": [asdict(summary) for summary in summaries]}
    emit(document, as_json=as_json, show=lambda: _show(agency, layers, summaries, has_news=has_news))
    if serve_after:
        store.close()
        serve()


def _show(agency: DemoAgency, layers: list[dict[str, Any]], summaries: list[Summary], *, has_news: bool) -> None:
    if not has_news:
        out.print("Nothing new since the last run: the results below are from then.\n")
    _show_layers(layers)
    for summary in summaries:
        out.rule(f"[bold]{summary.organization.name}")
        _show_funnel(summary)
        _show_channels(summary)
        _show_model(summary)
        _show_leads(summary)
        _show_lookalikes(summary)
    out.rule()
    out.print(
        f"  Sign in as [bold]{agency.email}[/] with the password [bold]{agency.password}[/] (made for this run)\n"
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table


def _show_layers(layers: list[dict[str, Any]]) -> None:
    totals: dict[str, list[int]] = {}
    for row in layers:
        totals.setdefault(row["layer"], []).append(row["row_count"])
    table = _table("Rows per layer", "layer", "tables", "rows")
    for layer, counts in totals.items():
        table.add_row(layer, str(len(counts)), f"{sum(counts):,}")
    out.print(table)


def _show_funnel(summary: Summary) -> None:
    table = _table("Funnel", "stage", "people", "of previous", "median days")
    for row in summary.funnel:
        rate, days = row["from_previous_rate"], row["median_days_from_previous"]
        table.add_row(
            row["stage"], f"{row['contact_count']:,}",
            "" if rate is None else f"{rate:.0%}", "" if days is None else f"{days:.1f}",
        )  # fmt: skip
    out.print(table)


def _show_channels(summary: Summary) -> None:
    if not summary.channels:
        return
    table = _table("Leads by channel, under three models", "channel", "first touch", "last touch", "linear", "cost")
    for row in summary.channels[:8]:
        cost = "" if row["cost_minor"] is None else f"{row['cost_minor'] / 100:,.0f} {row['currency']}"
        credited = (f"{row[model] or 0:,.1f}" for model in ("first_touch", "last_touch", "linear"))
        table.add_row(row["channel"], *credited, cost)
    out.print(table)


def _show_model(summary: Summary) -> None:
    if summary.model is None:
        out.print("Model: none yet; rules alone score these leads.\n")
        return
    out.print(f"Model {summary.model['version']} ({summary.model['algorithm']}, {summary.model['status']})")
    for line in summary.model["metrics"].get("summary_lines", []):
        out.print(f"  {line}", soft_wrap=True)


def _show_leads(summary: Summary) -> None:
    table = _table("Ten best leads", "lead", "score", "band", "why")
    table.columns[3].justify = "left"
    for lead in summary.best_leads:
        table.add_row(lead["name"], f"{lead['score']:.0f}", lead["band"], "; ".join(lead["reasons"][:3]))
    out.print(table)


def _show_lookalikes(summary: Summary) -> None:
    found = summary.lookalikes
    if found is None:
        return
    out.print(f"Companies like the customers, by {found['embedder']}: {found['verdict']}", soft_wrap=True)
    recalls = found["report"]["recalls"]
    if recalls:
        depths = sorted({row["depth"] for row in recalls})
        table = _table("Held-out customers found (recall)", "within the first", *(f"{depth:,}" for depth in depths))
        for method in dict.fromkeys(row["method"] for row in recalls):
            by_depth = {row["depth"]: row for row in recalls if row["method"] == method}
            table.add_row(
                method, *(f"{by_depth[depth]['recall']:.0%} ({by_depth[depth]['lift']:.1f} ×)" for depth in depths)
            )
        out.print(table)
    if found["best"]:
        table = _table("Most like the customers", "company", "score", "why")
        table.columns[2].justify = "left"
        for row in found["best"]:
            table.add_row(row["name"], f"{row['score']:.0f}", row["summary"])
        out.print(table)
