"""Signals of a program or a service that calls an address: one signal, or `{"source": "…", "items": [<signal>, …]}`, each as
`POST /v1/signals` takes it, signed by Standard Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from serving.provider_reports.base import ToldSignals
from serving.signals.schemas import AT_ONCE


class Signals:
    name = "signals"
    title = "Signals (Standard Webhooks)"
    header_prefix = "webhook"
    makes_secret = False
    tells_of: Literal["signals"] = "signals"
    steps = "Let the program send signals to this address, signed with the secret that is shown once."

    def read(self, body: Mapping[str, Any]) -> ToldSignals:
        source = str(body.get("source") or "webhook").strip()[:40]
        items = body.get("items", [{name: value for name, value in body.items() if name != "source"}])
        if not isinstance(items, list) or not all(isinstance(each, Mapping) for each in items):
            raise ValueError("items is not a list of objects")
        if not 1 <= len(items) <= AT_ONCE:
            raise ValueError(f"between 1 and {AT_ONCE} signals at once")
        return ToldSignals(source, tuple(items))


PROVIDER = Signals()
