"""Whose network a visitor comes from, and whether that tells the company. Facts and rules; nothing is looked up here.

An autonomous system's owner is rarely the visitor's employer: access providers, mobile carriers and hosting never count as
a company, and what remains is a guess with a tier of confidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address


class NetworkType(StrEnum):
    """What kind of network an address belongs to."""

    BUSINESS = "business"
    ISP = "isp"
    MOBILE = "mobile"
    HOSTING = "hosting"
    VPN = "vpn"
    EDUCATION = "education"
    GOVERNMENT = "government"
    PRIVATE = "private"
    UNKNOWN = "unknown"

    @property
    def may_be_company(self) -> bool:
        """Whether the owner of such a network may be shown as the visitor's organization."""
        return self in {NetworkType.BUSINESS, NetworkType.EDUCATION, NetworkType.GOVERNMENT}


class Confidence(StrEnum):
    """How sure we are that the network's owner is the visitor's organization."""

    HIGH = "high"
    """A database says which organization uses the address, and that it is a business."""
    MEDIUM = "medium"
    """A database names the organization or its domain, or the owner of the system is plainly a company."""
    LOW = "low"
    """Only the owner of the autonomous system is known, and nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What databases say of an address, whatever their vendor; empty where they are silent."""

    asn: int | None = None
    owner: str = ""
    """Of the autonomous system."""
    isp: str = ""
    organization: str = ""
    """Who uses the address, where a database knows."""
    domain: str = ""
    country: str = ""
    user_type: str = ""
    """The vendor's own word for the kind of user."""
    is_hosting: bool = False
    is_vpn: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """What we keep of an address: never the address itself."""

    prefix: str
    """Truncated: /24 of IPv4, /48 of IPv6."""
    type: NetworkType
    asn: int | None = None
    owner: str = ""
    company_name: str = ""
    company_domain: str = ""
    confidence: Confidence | None = None
    country: str = ""


def truncated(address: Address) -> str:
    """The network that stands for an address: too coarse to name a household, fine enough to group an office."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    shown = mapped or address
    return str(ip_network(f"{shown}/{24 if shown.version == 4 else 48}", strict=False))


def judge(address: Address, claim: Claim) -> Network:
    """The network of an address, and the company only where the network is not an access provider's or a host's."""
    prefix = truncated(address)
    if not address.is_global:
        return Network(prefix, NetworkType.PRIVATE)
    kind = network_type(claim)
    owner = claim.organization or claim.owner or claim.isp
    network = Network(prefix, kind, claim.asn, owner, country=claim.country)
    if not kind.may_be_company or not (owner or claim.domain):
        return network
    return Network(
        prefix,
        kind,
        claim.asn,
        owner,
        company_name=owner or claim.domain,
        company_domain=claim.domain,
        confidence=_confidence(claim),
        country=claim.country,
    )


def network_type(claim: Claim) -> NetworkType:
    """The kind of a network. A vendor's word counts first, then lists of known systems, then words in names."""
    if claim.is_vpn or claim.is_hosting:
        return NetworkType.VPN if claim.is_vpn else NetworkType.HOSTING
    said = USER_TYPES.get(claim.user_type)
    if said is None and not _is_customer(claim):
        said = KNOWN_SYSTEMS.get(claim.asn or 0)
    return said or _type_of_names(claim)


def _type_of_names(claim: Claim) -> NetworkType:
    names = [claim.organization] if _is_customer(claim) else [claim.organization, claim.owner, claim.isp]
    found = [kind for name in names if name and (kind := _type_of_name(name)) is not NetworkType.BUSINESS]
    if found:
        return min(found, key=_ORDER.index)
    if claim.domain and _is_access_domain(claim.domain):
        return NetworkType.ISP
    return NetworkType.BUSINESS if any(names) or claim.domain else NetworkType.UNKNOWN


def _is_customer(claim: Claim) -> bool:
    """Whether a database tells the user of the address apart from the provider."""
    return bool(claim.organization and claim.isp and claim.organization.lower() != claim.isp.lower())


def _confidence(claim: Claim) -> Confidence:
    if USER_TYPES.get(claim.user_type) is not None and (claim.organization or claim.domain):
        return Confidence.HIGH
    if claim.domain or _is_customer(claim):
        return Confidence.MEDIUM
    return Confidence.MEDIUM if _LEGAL_FORM.search(claim.owner) else Confidence.LOW


def _type_of_name(name: str) -> NetworkType:
    for kind, pattern in _NAMES:
        if pattern.search(name):
            return kind
    return NetworkType.BUSINESS


def _is_access_domain(domain: str) -> bool:
    label = domain.split(".", maxsplit=1)[0]
    return domain in ACCESS_DOMAINS or bool(_ACCESS_LABEL.search(label))


USER_TYPES: dict[str, NetworkType] = {
    "business": NetworkType.BUSINESS,
    "corporate": NetworkType.BUSINESS,
    "cellular": NetworkType.MOBILE,
    "college": NetworkType.EDUCATION,
    "school": NetworkType.EDUCATION,
    "library": NetworkType.EDUCATION,
    "education": NetworkType.EDUCATION,
    "government": NetworkType.GOVERNMENT,
    "military": NetworkType.GOVERNMENT,
    "hosting": NetworkType.HOSTING,
    "content_delivery_network": NetworkType.HOSTING,
    "search_engine_spider": NetworkType.HOSTING,
    "router": NetworkType.ISP,
    "residential": NetworkType.ISP,
    "dialup": NetworkType.ISP,
    "consumer_privacy_network": NetworkType.VPN,
    "traveler": NetworkType.ISP,
    "cafe": NetworkType.ISP,
    "isp": NetworkType.ISP,
}
"""MaxMind's `user_type` and IPinfo's `type`."""

_ISP_SYSTEMS = """
8151 17858 8452 6713 3292 6079 4788 8167 4761 17511 19901 8048 10013 8881 2116 50266 4760 8359 7738 7385 24863 22047
6503 4780 8220 36884 3491 8551 9416 9316 29695 5006 5466 37100 11776 44034 14754 23700 20676 4739 9583 7992 8426 19429 9500
29518 12083 10036 14593 13127 23201 9457 8866 2764 37705 9930 5645 5413 3758 27747 3302 14522 21497 9919 29314 11260
21021 11172 8473 38841 7522 12552 1836 27651 7679 17561
"""
_MOBILE_SYSTEMS = "26611 29975 27831 37168 9141 30986 55831 21334 36994 29355 12252 39603 25255 8437"
_HOSTING_SYSTEMS = "8075 8070 396982 15169 31898 137718 20473 136907 150436 203020 36352 17378 13768 46606 39642"
_EDUCATION_SYSTEMS = """
2907 680 1103 137 559 81 2152 1101 1213 766 2018 376 224 7497 600 2611 2852 1916 1741 6262
"""
_GOVERNMENT_SYSTEMS = "37937 4155 5774 1761 270 3633 42952 2897"

KNOWN_SYSTEMS: dict[int, NetworkType] = {
    int(asn): kind
    for kind, systems in {
        NetworkType.ISP: _ISP_SYSTEMS,
        NetworkType.MOBILE: _MOBILE_SYSTEMS,
        NetworkType.HOSTING: _HOSTING_SYSTEMS,
        NetworkType.EDUCATION: _EDUCATION_SYSTEMS,
        NetworkType.GOVERNMENT: _GOVERNMENT_SYSTEMS,
    }.items()
    for asn in systems.split()
}
"""The largest systems whose name alone misleads: found by ranking the owners that the words below call a business by
the IPv4 space they announce (open ASN set of 2026-06-17)."""

_LEGAL_FORM = re.compile(
    r"\b(?:inc|corp(?:oration)?|company|co|llc|ltd|limited|plc|gmbh|ag|kg|se|s\.?a\.?|s\.?p\.?a\.?|s\.?r\.?l\.?|b\.?v\.?|n\.?v\.?|ab|asa?|oy|kk|pty)\b",
    re.IGNORECASE,
)
_NAMES: list[tuple[NetworkType, re.Pattern[str]]] = [
    (
        NetworkType.HOSTING,
        re.compile(
            r"host(?:ing|ed|er|gator|inger|winds|opia)?\b|\bcloud|cloud\b|data ?cent(?:er|re)|\bserver|servers?\b|\bvps\b|dedicated"
            r"|coloc|\bcolo\b|\bcdn|\bamazon\b|amazon\.com|\baws\b|\bazure\b|microsoft limited|digital ?ocean|\bovh\b|hetzner|linode"
            r"|akamai|fastly|vultr|choopa|leaseweb|contabo|\bm247\b|scaleway|online s\.?a\.?s|alibaba|tencent|rackspace|equinix"
            r"|\bionos\b|strato\b|godaddy|namecheap|datacamp|g-?core|limelight|edgecast|\bpsychz\b|quadranet|colocrossing"
            r"|softlayer|infomaniak|aruba s\.?p\.?a|cogent|zenlayer|stackpath|incapsula|imperva|\brender\b|\bfly\.io\b",
            re.IGNORECASE,
        ),
    ),
    (
        NetworkType.VPN,
        re.compile(
            r"\bvpn\b|nordvpn|mullvad|expressvpn|proton(?:vpn| ag)|private internet access|\btor\b exit", re.IGNORECASE
        ),
    ),
    (
        NetworkType.EDUCATION,
        re.compile(
            r"universi|\bcollege\b|\bschools?\b|school district|academ(?:y|ic)|institute? of technology|polytechn|hochschule|fachhochschule"
            r"|research and education|education(?:al)?\b|\bgeant\b|janet\b|jisc\b|surf ?net|dfn-verein|renater|internet2|\bedu\b|\bnren\b"
            r"|facultad|facult[eé]|[eé]cole|ecole|escola|escuela|csic\b|cernet|kreonet|\bsinet\b",
            re.IGNORECASE,
        ),
    ),
    (
        NetworkType.GOVERNMENT,
        re.compile(
            r"government|\bgovt?\b|ministr[yi]|minist[eé]r|department of|dod network|headquarters, us|\barmy\b|\bnavy\b|air force"
            r"|\bstate of\b|\bcounty\b|\bcity of\b|municipal|\bfederal\b|parliament|\bpolice\b|\bsenate\b|public administration"
            r"|national informatics|bundes(?:amt|ministerium|tag)|european commission|\bnasa\b|internal revenue|social security",
            re.IGNORECASE,
        ),
    ),
    (
        NetworkType.MOBILE,
        re.compile(
            r"mobil(?:e|es|is|tel|com|ink)\b|m[oó]vil|mobile|cellular|cellco|\bgsm\b|\blte\b|\b[345]g\b|t-mobile|wireless (?:data|comm)|movistar|\bmvno\b",
            re.IGNORECASE,
        ),
    ),
    (
        NetworkType.ISP,
        re.compile(
            r"tele(?:com|kom|fon|phon|net|c[oó]m|nor\b|via|2\b|star|data|systems|pac)|\btel\b|tel(?:co|ecable|stra|us|mex|cel|kom|in)\b|tel(?:ia|enet)|telecommunica"
            r"|communications?\b|comunica|\bcomm\b|broad ?band|\bcable|kabel|internet|\bisp\b|\bnet\b|net(?:works?|works? |com|link|cologne|ia)\b|network"
            r"|\bfib(?:er|re)\b|fib(?:er|re)|fibra|\bdsl\b|\bftth\b|wi-?fi|\bwisp\b|wireless|satellite|starlink|hughes|viasat"
            r"|comcast|verizon|at&t|\bat and t\b|charter|spectrum|\bcox\b|centurylink|lumen\b|level 3|frontier|windstream|altice"
            r"|optimum|\brogers\b|\bbell\b|\btelus\b|videotron|vodafone|\borange\b|\bo2\b|\bbt\b|british telec|\bsky uk|virgin media|talktalk"
            r"|\bfree s\.?a\.?s|bouygues|\bsfr\b|proximus|\bkpn\b|ziggo|liberty (?:global|latin)|\bupc\b|swisscom|sunrise|salt mobile|\ba1 "
            r"|\btim s|telecom italia|wind tre|fastweb|tiscali|mas ?movil|\bmeo\b|\bnos comu|\beir\b|\belisa\b|\bdna oy|tele2|chinanet"
            r"|china (?:unicom|mobile|telecom)|\bntt\b|softbank|\bkddi\b|\bjcom\b|jupiter|biglobe|\bso-net|\bocn\b|\bsk broad|lg dacom|lg uplus|\bkt corp|korea telecom"
            r"|singtel|starhub|\bm1 net|airtel|bharti|\bjio\b|bsnl|bharat sanchar|hathway|\btot\b|true ?internet|\bpldt\b|globe tele|\bviettel|vnpt"
            r"|\bfpt\b|\btelkom|indihome|optus|\btpg\b|aussie broad|spark new|vocus|\bclaro\b|\bvivo\b|\boi \b|\bmtn\b|safaricom|etisalat"
            r"|\bstc\b|ooredoo|\bzain\b|turk(?:cell| telek)|superonline|rostelecom|beeline|vimpelcom|megafon|er-telecom|kyivstar"
            r"|ukrtelecom|\brcs ?& ?rds|digi (?:romania|spain|t)|transit|backbone|carrier|exchange\b|\bix\b|peering|hurricane electric|gtt comm|zayo"
            r"|arelion|\bisdn\b|dial-?up|provider|on-?line\b",
            re.IGNORECASE,
        ),
    ),
]
_ORDER = [kind for kind, _ in _NAMES]
_ACCESS_DOMAINS = """
sfr.net verizon.net comcast.net rr.com cox.net charter.com sbcglobal.net bellsouth.net att.net t-ipconnect.de btcentralplus.com
virginm.net sky.com wanadoo.fr proxad.net bbox.fr telefonica.net rima-tde.net ono.com libero.it fastwebnet.it ziggo.nl kpn.net
chello.nl telenet.be skynet.be swisscom.ch bluewin.ch telia.com bredband.net optusnet.com.au tpgi.com.au bigpond.net.au rogers.com
shawcable.net bell.ca videotron.ca ocn.ne.jp plala.or.jp hinet.net kornet.net amazonaws.com googleusercontent.com ovh.net
your-server.de linode.com akamaitechnologies.com
"""
ACCESS_DOMAINS = frozenset(_ACCESS_DOMAINS.split())
"""Domains that reverse look-ups and domain databases give to customers of access providers and hosts."""
_ACCESS_LABEL = re.compile(
    r"tele(?:com|kom|fon|net|bec)|internet|broadband|cable|kabel|dsl|fib(?:er|re)|wireless|mobile|isp$|host|cloud|vps|pool|dynamic"
)
