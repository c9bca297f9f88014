"""The open set of autonomous systems that comes with the demo: sorted ranges, found by bisection.

Source: npm package @ip-location-db/asn (CC BY 4.0: RouteViews, DB-IP, NRO), 412,000 IPv4 and 130,000 IPv6 ranges. Its text is
read once (about 2 s, by `make assets`) and kept beside the package in a form that opens in 0.2 s and takes 10 MB.
"""

from __future__ import annotations

import csv
import json
import logging
import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

from domain.networks import Address

logger = logging.getLogger(__name__)

FILES = ("asn-ipv4-num.csv", "asn-ipv6-num.csv")
FORMAT = 1


class Ranges:
    """Inclusive ranges of one address family in order, each with a place in the table of owners.

    IPv6 is kept by its upper 64 bits: no network is announced that is smaller.
    """

    def __init__(self, typecode: str) -> None:
        self.starts: array[int] = array(typecode)
        self.ends: array[int] = array(typecode)
        self.owners: array[int] = array("I")

    def find(self, number: int) -> int | None:
        place = bisect_right(self.starts, number) - 1
        return self.owners[place] if place >= 0 and number <= self.ends[place] else None

    @property
    def columns(self) -> list[array[int]]:
        return [self.starts, self.ends, self.owners]


class OpenSet:
    """Looks like a `Database`: `record(address)` in MaxMind's names for autonomous systems."""

    def __init__(self) -> None:
        self._v4 = Ranges("I")
        self._v6 = Ranges("Q")
        self._owners: list[tuple[int, str]] = []

    @classmethod
    def load(cls, package: Path, cache: Path) -> OpenSet | None:
        """The set of an installed package, through its compact copy in `cache`; None where it is not installed.

        Read once in a process, however many apps it makes.
        """
        sources = [package / name for name in FILES]
        if not all(source.is_file() for source in sources):
            return None
        return _load(package, cache, tuple(source.stat().st_size for source in sources))

    def record(self, address: Address) -> dict[str, Any]:
        number = int(address)
        place = self._v6.find(number >> 64) if isinstance(address, IPv6Address) else self._v4.find(number)
        if place is None:
            return {}
        asn, owner = self._owners[place]
        return {"autonomous_system_number": asn, "autonomous_system_organization": owner}

    def close(self) -> None:
        """Nothing is held open."""

    def parse(self, sources: list[Path]) -> None:
        """Fills the empty set from the package's text."""
        places: dict[tuple[int, str], int] = {}
        for ranges, source, shift in ((self._v4, sources[0], 0), (self._v6, sources[1], 64)):
            for start, end, asn, owner in _rows(source):
                ranges.starts.append(start >> shift)
                ranges.ends.append(end >> shift)
                ranges.owners.append(places.setdefault((asn, owner), len(places)))
        self._owners = list(places)

    def read_copy(self, cache: Path, stamp: list[int]) -> bool:
        """Fills the empty set from its compact copy; False, and still empty, where there is none that fits."""
        try:
            with cache.open("rb") as file:
                head = json.loads(file.readline())
                if head["stamp"] != stamp:
                    return False
                self._owners = [(asn, owner) for asn, owner in json.loads(file.readline())]
                for ranges, length in zip((self._v4, self._v6), head["lengths"], strict=True):
                    for column in ranges.columns:
                        column.fromfile(file, length)
        except (OSError, ValueError, KeyError, EOFError):
            self.__init__()  # type: ignore[misc]  # half a file was read: start afresh
            return False
        return True

    def write_copy(self, cache: Path, stamp: list[int]) -> None:
        """Keeps the set for the next process; a folder that cannot be written is no failure."""
        lengths = [len(ranges.starts) for ranges in (self._v4, self._v6)]
        draft = cache.with_suffix(f".{os.getpid()}")
        try:
            cache.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(json.dumps({"stamp": stamp, "lengths": lengths}).encode() + b"\n")
                file.write(json.dumps(self._owners).encode() + b"\n")
                for column in (*self._v4.columns, *self._v6.columns):
                    column.tofile(file)
            draft.replace(cache)
        except OSError as error:
            logger.warning("the open network set is not kept at %s: %s", cache, error)


@lru_cache(maxsize=2)
def _load(package: Path, cache: Path, sizes: tuple[int, ...]) -> OpenSet:
    stamp = [FORMAT, *sizes]
    found = OpenSet()
    if not found.read_copy(cache, stamp):
        found.parse([package / name for name in FILES])
        found.write_copy(cache, stamp)
    return found


def _rows(source: Path) -> Iterator[tuple[int, int, int, str]]:
    with source.open(encoding="utf-8", newline="") as file:
        for start, end, asn, owner in csv.reader(file):
            yield int(start), int(end), int(asn), owner
