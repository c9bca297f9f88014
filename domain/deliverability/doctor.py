"""Everything that DNS should say before a domain sends: SPF, DKIM, DMARC, MX, PTR and the tracking host."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.deliverability.records import Answer, Finding, Resolver, State, unknown
from domain.deliverability.spf import check_spf

USUAL_SELECTORS = ("google", "selector1", "selector2", "default", "s1", "s2", "k1", "k2", "mail", "dkim", "resend")
"""Tried where no selector is known: Google, Microsoft, and what others propose."""
OWN_KEY = "dkim_own"
PUBLISH = "Publish the TXT record that is shown below, and check again."
SHORTEST_KEY = 1024
"""Bits of an RSA key that receivers still accept (RFC 8301 §3.2)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a domain is asked about. Empty values are checks that cannot be made, except for DKIM selectors."""

    domain: str
    selectors: tuple[str, ...] = ()
    spf_include: str = ""
    sending_addresses: tuple[str, ...] = ()
    """IP addresses of an own mail server; a provider looks after its own."""
    tracking_host: str = ""
    tracking_target: str = ""
    """Where the tracking host must point: our own public name."""
    own_keys: tuple[tuple[str, str], ...] = ()
    """(selector, the `p=` of its record) of keys that we sign with, or are about to: one finding each, in this order."""


def examine(wanted: Wanted, resolver: Resolver) -> list[Finding]:
    """All checks, in the order in which they are shown."""
    findings = [
        check_mx(wanted.domain, resolver),
        check_spf(wanted.domain, resolver, must_include=wanted.spf_include),
        *(check_own_key(wanted.domain, selector, key, resolver) for selector, key in wanted.own_keys),
        *([] if wanted.own_keys and not wanted.selectors else [check_dkim(wanted.domain, resolver, wanted.selectors)]),
        check_dmarc(wanted.domain, resolver),
    ]
    findings += [check_ptr(address, resolver) for address in wanted.sending_addresses]
    if wanted.tracking_host:
        findings.append(check_tracking(wanted.tracking_host, wanted.tracking_target, resolver))
    return findings


def check_mx(domain: str, resolver: Resolver) -> Finding:
    """Answers must get back: a domain that takes no mail is not believed when it sends some (and RFC 7505 says so)."""
    answer = resolver.ask(domain, "MX")
    if not answer.is_known:
        return unknown("mx", answer)
    hosts = [value.partition(" ")[2] for value in answer.values]
    if not hosts:
        advice = "Publish MX records of the provider of your mailboxes."
        return Finding("mx", State.FAIL, "There is no MX record: answers and bounces cannot come back.", advice)
    if hosts in ([""], ["."]):
        return Finding(
            "mx", State.FAIL, "The domain says that it takes no mail (null MX).", "Replace the record.", answer.values
        )
    for host in hosts:
        found = resolver.ask(host, "A")
        if found.is_known and not found.values and not resolver.ask(host, "AAAA").values:
            return Finding(
                "mx", State.FAIL, f"{host} has no address.", "Correct or remove that MX record.", answer.values
            )
    return Finding("mx", State.PASS, f"{len(hosts)} mail server{'s' if len(hosts) > 1 else ''}.", records=answer.values)


def check_dkim(domain: str, resolver: Resolver, selectors: tuple[str, ...]) -> Finding:
    """A key for each known selector (RFC 6376 §3.6); where none is known, for any usual one: else nobody can say."""
    if selectors:
        findings = [_key_of(domain, selector, resolver) for selector in selectors]
        worst = {state: next((each for each in findings if each.state is state), None) for state in State}
        return worst[State.FAIL] or worst[State.UNKNOWN] or findings[0]
    for selector in USUAL_SELECTORS:
        found = _key_of(domain, selector, resolver)
        if found.state is State.PASS:
            return found
    return Finding(
        "dkim",
        State.UNKNOWN,
        "No key at a usual selector.",
        "Enter the selector that your provider signs with (s= in a header).",
    )


def check_own_key(domain: str, selector: str, key: str, resolver: Resolver) -> Finding:
    """Whether the key that we sign with is the one receivers find."""
    found = _key_of(domain, selector, resolver)
    if found.state is State.UNKNOWN:
        return replace(found, check=OWN_KEY)
    if not found.records:
        return replace(found, check=OWN_KEY, advice=PUBLISH)
    if any(_tags(record).get("p") == key for record in found.records):
        return replace(found, check=OWN_KEY)
    return Finding(
        OWN_KEY, State.FAIL, f"Another key than ours stands at {selector}._domainkey.{domain}.", PUBLISH, found.records
    )


def _key_of(domain: str, selector: str, resolver: Resolver) -> Finding:
    name = f"{selector}._domainkey.{domain}"
    answer = resolver.ask(name, "TXT")
    if not answer.is_known:
        return unknown("dkim", answer)
    tags = next((found for found in map(_tags, answer.values) if "p" in found), None)
    if tags is None:
        return Finding(
            "dkim", State.FAIL, f"There is no key at {name}.", "Publish the TXT or CNAME record of your provider."
        )
    summary, advice = _fault_of(tags)
    if summary:
        return Finding("dkim", State.FAIL, f"The key at {name} {summary}.", advice, answer.values)
    return Finding("dkim", State.PASS, f"A key of {_bits(tags)} bits at {name}.", records=answer.values)


def _fault_of(tags: Mapping[str, str]) -> tuple[str, str]:
    """(what is wrong with a key, what to do); empty where nothing is."""
    bits = _bits(tags)
    if not tags["p"]:
        return "was revoked", "Publish a new one."
    if bits is None:
        return "cannot be read", "Copy it again, without line breaks."
    if bits < SHORTEST_KEY:
        return f"has {bits} bits", "Use one of 2048 bits."
    if "y" in tags.get("t", "").split(":"):
        return "is marked as a test (t=y)", "Remove t=y."
    return "", ""


def _bits(tags: Mapping[str, str]) -> int | None:
    return _rsa_bits(tags["p"]) if tags.get("k", "rsa").casefold() == "rsa" else 256


def check_dmarc(domain: str, resolver: Resolver) -> Finding:
    """The policy that holds (RFC 7489 §6.6.3): the domain's own, else the nearest parent's with `sp` before `p`."""
    labels = domain.split(".")
    for depth in range(max(len(labels) - 1, 1)):
        holder = ".".join(labels[depth:])
        answer = resolver.ask(f"_dmarc.{holder}", "TXT")
        if not answer.is_known:
            return unknown("dmarc", answer)
        records = tuple(value for value in answer.values if value.casefold().replace(" ", "").startswith("v=dmarc1"))
        if len(records) > 1:
            return Finding("dmarc", State.FAIL, f"{holder} has {len(records)} DMARC records.", "Keep one.", records)
        if records:
            return _policy(holder, records, is_own=depth == 0)
    advice = (
        f'Publish a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:<your mailbox>", and tighten p later.'
    )
    return Finding("dmarc", State.FAIL, "There is no DMARC record; large providers refuse bulk mail without.", advice)


def _policy(holder: str, records: tuple[str, ...], *, is_own: bool) -> Finding:
    tags = _tags(records[0])
    policy = (tags.get("p", "") if is_own else tags.get("sp") or tags.get("p", "")).casefold()
    if policy not in {"none", "quarantine", "reject"}:
        return Finding(
            "dmarc",
            State.FAIL,
            f"The record of {holder} has no valid policy.",
            "Set p= to none, quarantine or reject.",
            records,
        )
    where = "" if is_own else f" (of {holder})"
    advice = (
        "Receivers watch only: once reports show that all your mail passes, set p=quarantine."
        if policy == "none"
        else ""
    )
    return Finding("dmarc", State.PASS, f"Policy {policy}{where}.", advice, records)


def check_ptr(address: str, resolver: Resolver) -> Finding:
    """The address has a name, and that name leads back to it (RFC 1912 §2.1)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return Finding("ptr", State.FAIL, f"{address} is no IP address.", "Enter the address of your mail server.")
    names = resolver.ask(parsed.reverse_pointer, "PTR")
    if not names.is_known:
        return unknown("ptr", names)
    kind = "A" if parsed.version == 4 else "AAAA"
    answers = [resolver.ask(name, kind) for name in names.values]
    if any(_leads_to(parsed, answer) for answer in answers):
        return Finding("ptr", State.PASS, f"{address} is {names.values[0]} and back.", records=names.values)
    if lost := next((answer for answer in answers if not answer.is_known), None):
        return unknown("ptr", lost)
    summary = f"{address} has no name." if not names.values else f"{names.values[0]} does not lead back to {address}."
    return Finding("ptr", State.FAIL, summary, "Have whoever rents you the address set its reverse DNS.", names.values)


def _leads_to(address: ipaddress.IPv4Address | ipaddress.IPv6Address, answer: Answer) -> bool:
    return any(ipaddress.ip_address(value) == address for value in answer.values)


def check_tracking(host: str, target: str, resolver: Resolver) -> Finding:
    """Links in letters lead to the tenant's own host, which points to us; where nobody says where, nobody can tell."""
    answer = resolver.ask(host, "CNAME")
    if not answer.is_known:
        return unknown("tracking", answer)
    if not target:
        return Finding("tracking", State.UNKNOWN, "Our own public name is not known.", "Set LEADHOUSE_WEB__PUBLIC_URL.")
    if target.casefold().rstrip(".") in answer.values:
        return Finding("tracking", State.PASS, f"{host} points to {target}.", records=answer.values)
    found = f"points to {answer.values[0]}" if answer.values else "points nowhere"
    return Finding(
        "tracking", State.FAIL, f"{host} {found}.", f"Publish a CNAME record at {host}: {target}.", answer.values
    )


def _tags(record: str) -> dict[str, str]:
    """`k=rsa; p=…` by tag (RFC 6376 §3.2); white space in values is folding."""
    pairs = (part.partition("=") for part in record.split(";") if "=" in part)
    return {name.strip().casefold(): "".join(value.split()) for name, _, value in pairs}


def _rsa_bits(key: str) -> int | None:
    """Bits of the modulus of a public key in DER: SubjectPublicKeyInfo, or the bare PKCS #1 that some publish."""
    try:
        der = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return None
    place = 0
    while 0 <= place < len(der) - 4:
        place = der.find(b"\x02", place)  # an INTEGER; the first long one is the modulus
        if place < 0 or place + 4 > len(der):
            return None
        length, skip = der[place + 1], 2
        if length in {0x81, 0x82}:
            skip = 2 + length - 0x80
            length = int.from_bytes(der[place + 2 : place + skip])
        if 48 <= length <= 2_048 and place + skip + length <= len(der):
            return int.from_bytes(der[place + skip : place + skip + length]).bit_length()
        place += 1
    return None
