"""`python -m bench.attribution [--journeys 1000000]`: rules, Markov chains and Shapley values beside two packages.

The same drawn journeys for all, as text in memory, each variant in a process of its own, round by round. Ours counts from
there: DuckDB groups the paths, then every model is solved. ChannelAttribution is given its own fastest way (pandas groups
first); marketing-attribution-models (`mam`) groups inside. They live in `.venv-bench`, made on demand from
requirements/bench-peers.txt. Before a ratio counts, credits are compared: rules and exact models to 1e-9.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.attribution_peers import Timed
from models_ml.attribution.intervals import BLOCK, REPLICATES
from models_ml.attribution.markov import markov
from models_ml.attribution.paths import Paths
from models_ml.attribution.resampling import ManyChains, ManyGames
from models_ml.attribution.rules import rule
from models_ml.attribution.shapley import shapley

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".venv-bench"
TARGET = 3.0
CHANNELS = (
    "Paid Search", "Organic Search", "Email", "Paid Social", "Display", "Affiliates", "Referral", "Direct", "Video", "LinkedIn"
)  # fmt: skip
GROUPED = "select path, sum(converted)::double, sum(value), sum(1 - converted)::double from journeys group by path"
SIMULATED = 0.15
"""ChannelAttribution estimates by chance: the smallest channel may be this far off (docs/performance.md)."""


def draw(count: int, file: Path, seed: int = 7) -> int:
    """Journeys of ten channels with about four touches; answers how many touches."""
    chance = np.random.default_rng(seed)
    lengths = np.minimum(1 + chance.geometric(0.35, size=count), 30)
    steps = chance.choice(len(CHANNELS), size=lengths.sum(), p=chance.dirichlet(np.full(len(CHANNELS), 2.0)))
    ends = np.cumsum(lengths)
    effect = chance.uniform(0.01, 0.12, size=len(CHANNELS))
    reach = np.add.reduceat(effect[steps], np.concatenate([[0], ends[:-1]]))
    converted = (chance.random(count) < np.minimum(0.6, reach)).astype(np.int64)
    value = np.round(converted * chance.lognormal(4, 1, size=count), 2)
    offsets = pa.array(np.concatenate([[0], ends]), pa.int32())
    lists = pa.ListArray.from_arrays(offsets, pa.array(CHANNELS).take(pa.array(steps)))
    path = pa.compute.binary_join(lists, " > ")
    pq.write_table(pa.table({"path": path, "converted": converted, "value": value}), file)
    return int(lengths.sum())


def ours(file: Path) -> dict[str, Any]:
    """Every step of ours on journeys that lie in memory."""
    timed = Timed()
    connection = duckdb.connect(config={"threads": 2})
    connection.register("journeys", pq.read_table(file))
    with timed.step("group"):
        table = connection.execute(GROUPED).to_arrow_table()
        converted, value, missed = (column.to_numpy() for column in table.columns[1:])
        paths = Paths.of_text(table.column(0), converted, value, missed)
    found = {}
    with timed.step("heuristics"):
        for name in ("first_touch", "last_touch", "linear", "u_shaped"):
            found[name] = rule(paths, name)
    for order in (1, 2, 3):
        with timed.step(f"markov {order}"):
            found[f"markov {order}"] = markov(paths, order)
    with timed.step("markov by journey"):
        found["markov by journey"] = markov(paths, by_journey=True)
    with timed.step("shapley"):
        found["shapley"] = shapley(paths, "rate")
    with timed.step(f"markov 1 and shapley of {REPLICATES} replicates"):
        replicate(paths)
    earned = {name: credit.by_channel() for name, credit in found.items()}
    return {"wall": timed.wall, "cpu": timed.cpu, "credits": earned, "unique_paths": table.num_rows}


def replicate(paths: Paths) -> None:
    """Both models of as many samples of these journeys as intervals are read from, as the product does it."""
    chance = np.random.default_rng(1)
    chains, games = ManyChains(paths, 1), ManyGames(paths)
    for _ in range(REPLICATES // BLOCK):
        won, lost = (
            chance.poisson(np.repeat(one[:, None], BLOCK, axis=1)).astype(float)
            for one in (paths.conversions, paths.nulls)
        )
        chains.credits(won, lost)
        games.credits(won, lost)


def peers() -> Path:
    """The Python of the peers' environment, which is made where it is not there yet."""
    python = PEERS / "bin" / "python"
    wanted = ROOT / "requirements" / "bench-peers.txt"
    made = PEERS / "made-from.txt"
    if not made.is_file() or made.read_text() != wanted.read_text():
        venv.create(PEERS, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        made.write_text(wanted.read_text())
    return python


def run(command: list[Any]) -> dict[str, Any]:
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, cwd=ROOT)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def furthest(ours: dict[str, float], theirs: dict[str, float]) -> float:
    """The greatest relative difference of a channel's credit."""
    assert ours.keys() == theirs.keys(), (ours, theirs)
    return max(abs(ours[name] - theirs[name]) / max(abs(ours[name]), 1e-300) for name in ours)


def compare(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Medians of seconds, their ratios, and how far credits lie apart; AssertionError where exact ones differ."""
    last = rounds[-1]

    def seconds(who: str, *steps: str) -> float:
        return statistics.median(sum(one[who]["wall"][step] for step in steps) for one in rounds)

    def processor(who: str, *steps: str) -> float:
        return statistics.median(sum(one[who]["cpu"][step] for step in steps) for one in rounds)

    tasks = {
        "ChannelAttribution: group, heuristics, Markov 1": ("channel_attribution", ("group", "heuristics", "markov 1"), None),
        "ChannelAttribution: group, Markov 2": ("channel_attribution", ("group", "markov 2"), None),
        "ChannelAttribution: group, Markov 3": ("channel_attribution", ("group", "markov 3"), None),
        "mam: group, heuristics, Markov, Shapley": (
            "mam", ("group", "heuristics", "markov 1", "shapley"), ("group", "heuristics", "markov by journey", "shapley"),
        ),
        "mam: group, Shapley": ("mam", ("group", "shapley"), None),
    }  # fmt: skip
    report: dict[str, Any] = {}
    for title, (peer, theirs, same) in tasks.items():
        mine = same or theirs
        report[title] = {
            "theirs_seconds": round(seconds(peer, *theirs), 2),
            "our_seconds": round(seconds("ours", *mine), 2),
            "ratio": round(seconds(peer, *theirs) / seconds("ours", *mine), 1),
            "ratio_cpu": round(processor(peer, *theirs) / processor("ours", *mine), 1),
        }
    apart = {}
    for peer in ("channel_attribution", "mam"):
        for model, earned in last[peer]["credits"].items():
            found = furthest(last["ours"]["credits"][model], earned)
            apart[f"{peer}, {model}"] = float(f"{found:.2g}")
            is_simulated = peer == "channel_attribution" and model.startswith("markov")
            assert found < (SIMULATED if is_simulated else 1e-9), f"{peer}, {model}: {found}"
    return {"tasks": report, "furthest_relative_difference": apart}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journeys", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ours:
        print(json.dumps(ours(asked.ours)))
        return
    python = peers()
    script = Path(__file__).with_name("attribution_peers.py")
    with tempfile.TemporaryDirectory(prefix="leadhouse-bench-") as folder:
        file = Path(folder) / "journeys.parquet"
        began = time.perf_counter()
        touches = draw(asked.journeys, file)
        print(
            f"{asked.journeys:,} journeys, {touches:,} touches, drawn in {time.perf_counter() - began:.1f} s",
            flush=True,
        )
        rounds = [
            {
                "ours": run([sys.executable, "-m", "bench.attribution", "--ours", file]),
                "channel_attribution": run([python, script, "channel_attribution", file]),
                "mam": run([python, script, "mam", file]),
            }
            for _ in range(asked.rounds)
        ]
    report = compare(rounds)
    report["unique_paths"] = rounds[-1]["ours"]["unique_paths"]
    report["our_seconds"] = {step: round(wall, 3) for step, wall in rounds[-1]["ours"]["wall"].items()}
    report["target"] = TARGET
    report["is_met"] = all(task["ratio"] >= TARGET for task in report["tasks"].values())
    if asked.json:
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
        return
    for title, task in report["tasks"].items():
        print(f"{title:50} {task['theirs_seconds']:7.2f} s  ours {task['our_seconds']:6.2f} s  {task['ratio']:6.1f} x "
              f"({task['ratio_cpu']:.1f} x by CPU)")  # fmt: skip
    print("\nfurthest relative difference of a channel's credit")
    for name, found in report["furthest_relative_difference"].items():
        print(f"{name:50} {found:.1e}")
    print(f"\nours, step by step: {report['our_seconds']}; {report['unique_paths']:,} different paths")
    print(f"aim of {TARGET:g} x {'met' if report['is_met'] else 'NOT met'} in every row")


if __name__ == "__main__":
    main()
