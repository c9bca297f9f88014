"""Measurements: every figure is a ratio of variants that ran alternately in one run (docs/performance.md)."""
