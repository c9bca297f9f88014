"""docs/how-to/send-sequences.md shows a sequence that is one."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from domain.outreach.sequences import parse_sequence

GUIDE = (Path(__file__).parents[3] / "docs/how-to/send-sequences.md").read_text(encoding="utf-8")


def test_the_sequence_of_the_guide_is_read_and_takes_every_step():
    (written,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    sequence = parse_sequence(yaml.safe_load(written))
    assert {step.type for step in sequence.steps} == {"split", "email", "wait", "condition", "task"}
    assert sequence.limits.new_per_day == 30
