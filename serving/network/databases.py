"""MaxMind-format files that the user supplies, read in one vocabulary; a broken file answers nothing and harms nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import maxminddb

from domain.networks import Address, Claim

logger = logging.getLogger(__name__)


class Database:
    """One file. Every failure is logged once and answered with an empty record: capture goes on without it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._has_complained = False
        self._reader: maxminddb.Reader | None = None
        try:
            self._reader = maxminddb.open_database(path)
        except Exception as error:  # noqa: BLE001  a damaged file raises whatever its bytes lead to
            self._complain(error)

    @property
    def is_open(self) -> bool:
        return self._reader is not None

    def record(self, address: Address) -> Mapping[str, Any]:
        """What the file says of an address; empty where it says nothing or cannot be read."""
        if self._reader is None or (address.version == 6 and self._reader.metadata().ip_version == 4):
            return {}
        try:
            found: object = self._reader.get(address)
        except Exception as error:  # noqa: BLE001  the same: some damage shows only at the record
            self._complain(error)
            return {}
        return found if isinstance(found, dict) else {}

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _complain(self, error: Exception) -> None:
        if not self._has_complained:
            self._has_complained = True
            logger.warning(
                "%s cannot be read (%s: %s): networks are resolved without it", self.path, type(error).__name__, error
            )


def claim_of(records: Iterable[Mapping[str, Any]]) -> Claim:
    """Several vendors' records as one claim; the first that knows a thing decides it.

    Understands MaxMind ASN, ISP, Domain, City, Country, Enterprise, Connection-Type and Anonymous-IP, DB-IP's files of the
    same shape, and IPinfo's (`asn`, `as_name`, `as_domain`, `name`, `domain`, `type`, `country_code`).
    """
    flat = [{**record, **_section(record, "traits")} for record in records]

    def first(*names: str) -> str:
        return next((str(record[name]) for name in names for record in flat if record.get(name)), "")

    asn = first("autonomous_system_number", "asn").upper().removeprefix("AS")
    user_type = first("user_type", "type").lower()
    if not user_type and first("connection_type", "Connection-Type").lower() == "cellular":
        user_type = "cellular"
    return Claim(
        asn=int(asn) if asn.isdigit() else None,
        owner=first("autonomous_system_organization", "as_name"),
        isp=first("isp"),
        organization=first("organization", "name"),
        domain=first("domain", "as_domain").lower(),
        country=_country(flat),
        user_type=user_type,
        is_hosting=_is_said(flat, "is_hosting_provider"),
        is_vpn=any(
            _is_said(flat, name)
            for name in ("is_anonymous_vpn", "is_tor_exit_node", "is_public_proxy", "is_residential_proxy")
        ),
    )


def _country(records: Iterable[Mapping[str, Any]]) -> str:
    for record in records:
        for section in ("country", "registered_country"):
            code = _section(record, section).get("iso_code")
            if isinstance(code, str):
                return code
        code = record.get("country_code") or record.get("country")
        if isinstance(code, str) and len(code) == 2:
            return code
    return ""


def _section(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def _is_said(records: Iterable[Mapping[str, Any]], name: str) -> bool:
    return any(record.get(name) is True for record in records)
