"""The pages of visits, and how long each was looked at. Rows of a visit are neighbours, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.simulator.chance import Chance, Floats, Ints, Keys
from data.simulator.words import PAGE_WEIGHTS, PAGES

PAGES_A_VISIT = 16
FORM_SECONDS = 25.0


@dataclass(frozen=True)
class Pages:
    """`start[v]:start[v + 1]` are the rows of visit v."""

    start: Ints
    page: Ints
    """Row of PAGES."""
    seconds: Floats
    """Until the next page is asked for."""

    def totals(self, values: Floats) -> Floats:
        """Sums of a value of each row, by visit."""
        sums = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(sums[self.start[1:]] - sums[self.start[:-1]])


def page_keys(visit_keys: Keys, counts: Ints) -> tuple[Keys, Ints]:
    """A key for every page of every visit, and each page's place in its visit."""
    place = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(visit_keys, counts) * np.uint64(PAGES_A_VISIT) + place.astype(np.uint64), place


def read_pages(chance: Chance, visit_keys: Keys, curiosity: Floats) -> Pages:
    """What people look at: one to eight pages, more of them the more curious they are."""
    mean = 1.7 * np.exp(0.35 * curiosity)
    counts = 1 + np.minimum(7, chance.exponential("pages", visit_keys, mean).astype(np.int64))
    keys, _ = page_keys(visit_keys, counts)
    seconds = np.exp(3.1 + 0.9 * chance.normal("seconds", keys))
    return Pages(_starts(counts), chance.choice("page", keys, PAGE_WEIGHTS), np.clip(seconds, 1.0, 900.0))


def fetch_pages(chance: Chance, visit_keys: Keys, counts: Ints, pace: Floats) -> Pages:
    """What programs ask for: `counts` pages one after the other, some `pace` seconds apart; one page alone is the first."""
    keys, place = page_keys(visit_keys, counts)
    first = chance.below("bot page", visit_keys, len(PAGES))
    page = (np.repeat(np.where(counts == 1, 0, first), counts) + place) % len(PAGES)
    seconds = np.repeat(pace, counts) * (0.6 + 0.8 * chance.uniform("bot pace", keys))
    return Pages(_starts(counts), page, seconds)


def joined(first: Pages, second: Pages) -> Pages:
    """The visits of both, one after the other."""
    return Pages(
        np.concatenate([first.start, second.start[1:] + first.start[-1]]),
        np.concatenate([first.page, second.page]),
        np.concatenate([first.seconds, second.seconds]),
    )


def _starts(counts: Ints) -> Ints:
    return np.asarray(np.concatenate([[0], np.cumsum(counts)]))
