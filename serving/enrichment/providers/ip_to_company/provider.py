"""The network database of the installation: which company an IP address belongs to. Access providers and hosts are no
company (`domain.networks`)."""

from __future__ import annotations

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from domain.networks import Confidence
from serving.enrichment.base import Asking, Provider, always

FIND = Operation("network", Subject.COMPANY, frozenset({"name", "domain", "country"}), (("ip",),), charges="never")
SURE = {Confidence.HIGH: 0.9, Confidence.MEDIUM: 0.6, Confidence.LOW: 0.3}


def fetch(asking: Asking) -> Answer:
    if asking.networks is None:
        return Answer(Outcome.INVALID, problem="there is no database of networks here")
    network = asking.networks().resolve(asking.question["ip"])
    if network is None:
        return Answer(Outcome.INVALID, problem="not an address of the internet")
    if not network.company_name:
        return Answer(Outcome.NOT_FOUND, raw={"type": network.type.value})
    told = {"name": network.company_name, "domain": network.company_domain, "country": network.country}
    raw = {**told, "type": network.type.value, "prefix": network.prefix}
    return found(told, raw, confidence=SURE.get(network.confidence) if network.confidence else None)


PROVIDER = Provider(
    name="ip_to_company",
    title="IP to company",
    about="The owner of the network somebody came from, by the database of this installation. Often an access provider, "
    "which is no company.",
    operations=always(FIND),
    fetch=fetch,
    per_minute=60_000,
    concurrent=4,
)
