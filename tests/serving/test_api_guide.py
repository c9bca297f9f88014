"""docs/how-to/use-the-api.md names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from domain.filters import Op
from serving.rate_limits.limiter import Allowance
from storage.ops.repositories import idempotency_keys

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md").read_text(encoding="utf-8")


def test_the_guide_lists_every_comparison():
    listed = re.search(r"`(eq [a-z_ ]+)`", GUIDE)
    assert listed is not None
    assert listed[1].split() == [op.value for op in sorted(Op, key=listed[1].split().index)]
    assert set(listed[1].split()) == set(Op)


def test_the_guide_names_the_headers_and_codes_that_are_sent():
    for name, _ in Allowance(1, 1, 1).headers():
        assert name.decode() in GUIDE.lower()
    for error in (idempotency_keys.KeyReused, idempotency_keys.RequestInFlight):
        assert error.code in GUIDE
    assert "precondition_failed" in GUIDE
