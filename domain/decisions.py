"""A decision and its reason: what every rule answers, and what the ledger keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class DecisionKind(StrEnum):
    """The automated acts that are written down."""

    ACCEPT = "accept"
    REJECT = "reject"
    FLAG = "flag"
    IDENTIFY = "identify"
    DUPLICATE = "duplicate"
    MERGE = "merge"
    IMPORT = "import"
    UNDO = "undo"
    LAND = "land"
    SCORE = "score"
    PROMOTE = "promote"
    SUPPRESS = "suppress"
    ROUTE = "route"
    SERVICE_LEVEL = "service_level"
    SEND = "send"
    SKIP = "skip"
    SEQUENCE = "sequence"
    """A sequence went on, changed something, or ended for somebody."""
    SWITCH = "switch"
    """Sending was stopped or let go on: of a mailbox, by a rule or by hand."""
    HEALTH = "health"
    """A mailbox's messages put it into another band."""
    SPEND = "spend"
    AI_REPLY = "ai_reply"
    EXPERIMENT = "experiment"
    """An experiment was decided, or a bandit moved its weights."""
    PLAY = "play"
    """A signal came in, and a play did something about it or left it alone."""
    PRIOR = "prior"
    """What a client's scores start from came, went or was kept back, or somebody switched sharing."""
    ALERT = "alert"
    """A rule about a number fired, was quiet, or had too little to tell."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a rule: allowed or not, why (a stable snake_case reason), and what it saw."""

    allowed: bool
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)
