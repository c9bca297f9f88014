"""Every measurement belongs to one group: the ordinary ones, or those of ten million events."""

from __future__ import annotations

from bench.__main__ import HERE, measurements


def test_a_measurement_runs_with_the_ordinary_or_with_the_large_ones():
    ordinary, large = set(measurements()), set(measurements(large=True))
    assert {"capture", "imports", "jobs", "landing"} <= ordinary
    assert not ordinary & large
    assert all("LARGE = True" in (HERE / f"{name}.py").read_text() for name in large)
