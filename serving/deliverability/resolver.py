"""DNS for the domain doctor, by dnspython: each question is answered, found empty, or not answered. Never raises."""

from __future__ import annotations

import dns.exception
import dns.name
import dns.resolver

from domain.deliverability.records import Answer

LIFETIME_SECONDS = 4.0


class DnsResolver:
    """`domain.deliverability.records.Resolver`. Without `nameserver`, those of this machine."""

    def __init__(self, nameserver: str = "", port: int = 53) -> None:
        self._resolver = dns.resolver.Resolver(configure=not nameserver)
        self._resolver.lifetime = LIFETIME_SECONDS
        if nameserver:
            self._resolver.nameservers, self._resolver.port = [nameserver], port
        self._kept: dict[tuple[str, str], Answer] = {}

    def ask(self, name: str, kind: str) -> Answer:
        key = (name.casefold(), kind)
        if key not in self._kept:
            self._kept[key] = self._asked(*key)
        return self._kept[key]

    def _asked(self, name: str, kind: str) -> Answer:
        try:
            found = self._resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Answer()
        except (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong):
            return Answer()  # no such name can be: there is nothing at it
        except (dns.exception.DNSException, OSError) as problem:
            return Answer(is_known=False, problem=type(problem).__name__)
        return Answer(tuple(sorted(_text(record, kind) for record in found)))


def _text(record: object, kind: str) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")  # type: ignore[attr-defined]
    if kind == "MX":
        return f"{record.preference} {_name(record.exchange)}"  # type: ignore[attr-defined]
    if kind in {"CNAME", "PTR"}:
        return _name(record.target)  # type: ignore[attr-defined]
    return str(record)


def _name(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).casefold()
