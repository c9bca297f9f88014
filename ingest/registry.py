"""Every source there is: folders of `ingest/sources`, and plug-ins that name themselves in `leadhouse.sources`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from domain.errors import NotFound
from ingest import sources
from ingest.base import Source
from storage.lake.schemas import Table


@cache
def all_sources() -> dict[str, Source]:
    """By name, sorted. A plug-in's entry point resolves to a Source."""
    built_in = (import_module(f"ingest.sources.{found.name}.source").SOURCE for found in iter_modules(sources.__path__))
    plugged_in = (entry.load() for entry in entry_points(group="leadhouse.sources"))
    found = {source.name: source for source in (*built_in, *plugged_in)}
    return dict(sorted(found.items()))


def source(name: str) -> Source:
    """One source by name; NotFound lists the names there are."""
    try:
        return all_sources()[name]
    except KeyError:
        raise NotFound(f"no source {name!r}", hint=f"There are: {', '.join(all_sources())}.") from None


def raw_tables() -> tuple[Table, ...]:
    """The raw tables of all sources: what `Lake.migrate` is given, so that a plug-in's tables are made too."""
    return tuple(feed.table for found in all_sources().values() for feed in found.feeds)
