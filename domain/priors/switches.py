"""Whether a client gives its counts to the agency's other clients, and whether it starts from theirs: two decisions.

To give is a matter of confidence between the agency and that client; to start from what others gave is about that client's
own scores. One whose contract forbids the first may still do the second, so there are two switches. Both are off until
somebody who may decide turns them, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SETTING = "shared_learning"
SUBJECT = "shared_learning"
"""What ledger and audit rows are about."""


@dataclass(frozen=True, slots=True)
class Switches:
    """`gives`: this client's counts go into what others start from. `uses`: its own scores start from theirs."""

    gives: bool = False
    uses: bool = False
    by: str = ""
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"gives": self.gives, "uses": self.uses, "by": self.by, "reason": self.reason}


OFF = Switches()


def read_switches(value: Mapping[str, Any]) -> Switches:
    """Of a setting's value; whatever is not plainly on is off."""
    return Switches(
        value.get("gives") is True, value.get("uses") is True, str(value.get("by", "")), str(value.get("reason", ""))
    )
