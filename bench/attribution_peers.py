"""One peer of bench.attribution, in the peers' own environment: reads journeys, answers seconds and credits as JSON.

`python attribution_peers.py <channel_attribution|mam> <journeys.parquet>`; imports nothing of ours.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

warnings.filterwarnings("ignore")


class Timed:
    """Seconds of each step, by wall and by processor."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[name], self.cpu[name] = time.perf_counter() - wall, time.process_time() - cpu


def channel_attribution(file: str, timed: Timed) -> dict[str, dict[str, float]]:
    """Its own fastest way: paths grouped by pandas first."""
    import ChannelAttribution
    import pandas as pd

    journeys = pd.read_parquet(file)
    with timed.step("group"):
        journeys["missed"] = 1 - journeys["converted"]
        paths = journeys.groupby("path", as_index=False)[["converted", "value", "missed"]].sum()
    with timed.step("heuristics"):
        rules = ChannelAttribution.heuristic_models(
            paths, "path", "converted", var_value="value", flg_pro=False
        ).set_index("channel_name")
    keys = {"var_value": "value", "var_null": "missed", "ncore": 1, "seed": 1, "verbose": False, "flg_pro": False}
    found = {
        name: rules[f"{theirs}_conversions"].to_dict()
        for name, theirs in (("first_touch", "first_touch"), ("last_touch", "last_touch"), ("linear", "linear_touch"))
    }
    for order in (1, 2, 3):
        with timed.step(f"markov {order}"):
            chain = ChannelAttribution.markov_model(paths, "path", "converted", order=order, **keys)
        chain = chain["result"] if isinstance(chain, dict) else chain
        found[f"markov {order}"] = chain.set_index("channel_name")["total_conversions"].to_dict()
    return found


def mam(file: str, timed: Timed) -> dict[str, dict[str, float]]:
    """Journeys as they are: it groups inside. Shapley with its default size for time, with whole sets for comparison."""
    import polars as pl
    from mam import MAM

    journeys = pl.read_parquet(file).with_row_index("id").with_columns(
        pl.col("id").cast(pl.String),
        pl.col("converted").cast(pl.Boolean),
        pl.col("path").str.replace_all(r"[^>]+", "0.0").str.replace_all(">", " > ").alias("hours"),
    )  # fmt: skip
    with timed.step("group"):
        model = MAM(
            journeys, format_type="journey", channels_colname="path", journey_with_conv_colname="converted",
            user_id_colname="id", time_till_conv_colname="hours",
        )  # fmt: skip
    found: dict[str, dict[str, float]] = {}

    def credit(name: str, run: Callable[[], Any]) -> None:
        found[name] = dict(run()._aggregated_df.iter_rows())  # noqa: SLF001  it has no public name for it

    with timed.step("heuristics"):
        credit("last_touch", model.run_last_click)
        credit("linear", model.run_linear)
        credit("u_shaped", model.run_position_based)
    with timed.step("markov 1"):
        credit("markov by journey", model.run_markov)
    with timed.step("shapley"):
        model.run_shapley()
    credit("shapley", lambda: model.run_shapley(max_size=32))
    return found


def main() -> None:
    peer, file = sys.argv[1:]
    timed = Timed()
    with contextlib.redirect_stdout(io.StringIO()):  # one of them advertises
        found = {"channel_attribution": channel_attribution, "mam": mam}[peer](file, timed)
    print(json.dumps({"wall": timed.wall, "cpu": timed.cpu, "credits": found}))


if __name__ == "__main__":
    main()
