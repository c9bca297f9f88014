"""What a page says of the company it belongs to: structured data, meta data, links, and marks of what it is built with. No
script is run, and nothing is fetched here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from domain.enrichment.fields import FIELDS, Subject, checked

ORGANIZATIONS = frozenset(
    {"organization", "corporation", "localbusiness", "professionalservice", "ngo", "educationalorganization", "store",
     "onlinestore", "newsmediaorganization", "medicalorganization", "financialservice", "legalservice"}
)  # fmt: skip
"""schema.org types that are about the owner of the site."""
MARKS: Mapping[str, tuple[str, ...]] = {
    "WordPress": ("/wp-content/", "/wp-includes/", "wordpress "),
    "WooCommerce": ("/plugins/woocommerce/",),
    "Shopify": ("cdn.shopify.com", "shopify.theme"),
    "Wix": ("static.parastorage.com", "wix.com website builder"),
    "Squarespace": ("static1.squarespace.com", "squarespace.com"),
    "Webflow": ("assets.website-files.com", "webflow"),
    "Drupal": ("/sites/default/files/", "drupal "),
    "TYPO3": ("/typo3conf/", "typo3 "),
    "Joomla": ("/media/jui/", "joomla"),
    "Ghost": ("ghost ",),
    "HubSpot": ("js.hs-scripts.com", "js.hsforms.net", "hubspot"),
    "Marketo": ("munchkin.marketo.net",),
    "Pardot": ("pi.pardot.com",),
    "Salesforce": ("force.com/embeddedservice",),
    "Intercom": ("widget.intercom.io",),
    "Drift": ("js.driftt.com",),
    "Zendesk": ("static.zdassets.com",),
    "Calendly": ("assets.calendly.com",),
    "Typeform": ("embed.typeform.com",),
    "Mailchimp": ("chimpstatic.com", "list-manage.com"),
    "Klaviyo": ("static.klaviyo.com",),
    "Google Analytics": ("google-analytics.com", "gtag/js", "ga.js"),
    "Google Tag Manager": ("googletagmanager.com/gtm.js",),
    "Google Ads": ("googleadservices.com", "googlesyndication.com"),
    "Meta Pixel": ("connect.facebook.net",),
    "LinkedIn Insight": ("snap.licdn.com",),
    "Hotjar": ("static.hotjar.com",),
    "Matomo": ("matomo.js", "piwik.js"),
    "Plausible": ("plausible.io/js",),
    "Segment": ("cdn.segment.com",),
    "Mixpanel": ("cdn.mxpnl.com",),
    "Optimizely": ("cdn.optimizely.com",),
    "Stripe": ("js.stripe.com",),
    "PayPal": ("paypal.com/sdk",),
    "Cloudflare": ("cdnjs.cloudflare.com", "cloudflareinsights.com"),
    "Next.js": ("/_next/static/",),
    "Nuxt": ("/_nuxt/",),
    "React": ("react-dom", "react.production"),
    "Vue.js": ("vue.runtime", "vue.min.js", "vue.global"),
    "Angular": ("angular.min.js", "ng-version"),
    "jQuery": ("jquery",),
    "Bootstrap": ("bootstrap.min", "bootstrap.bundle"),
    "Tailwind CSS": ("tailwind",),
    "OneTrust": ("cdn.cookielaw.org",),
    "Cookiebot": ("consent.cookiebot.com",),
    "Usercentrics": ("app.usercentrics.eu",),
}
"""Marks in addresses of scripts, styles and images, and in the name of the generator. An open list: add to it."""
WORTH_READING = re.compile(
    r"about|company|contact|imprint|impressum|kontakt|ueber-uns|uber-uns|team|a-propos|mentions-legales|contatti|chi-siamo"
    r"|quienes-somos|contacto|over-ons|om-os|om-oss|o-nas|legal-notice",
    re.IGNORECASE,
)
_OF_SOMEBODY = re.compile(r"^(info|hello|hi|contact|kontakt|office|mail|sales|hallo|service|team|welcome|post)@", re.IGNORECASE)  # fmt: skip
_GENERIC_TITLE = re.compile(r"^(home|homepage|welcome|startseite|start|index|accueil|inicio)$", re.IGNORECASE)


@dataclass(slots=True)
class Page:
    """What was found on one page."""

    told: dict[str, Any] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    """Pages of the same site that are likely to say more, in their order."""
    emails: list[str] = field(default_factory=list)
    technologies: set[str] = field(default_factory=set)


def read_page(html: str, address: str) -> Page:
    """Reads one page; broken HTML is read as far as it goes."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    page, host = Page(), (urlsplit(address).hostname or "").removeprefix("www.")
    for data in _structured(parser.structured):
        _take_organization(page.told, data)
    _take_meta(page.told, parser)
    for href in parser.links:
        _take_link(page, href, address, host)
    marks = " ".join([*parser.assets, f"{parser.meta.get('generator', '')} "]).casefold()
    page.technologies = {name for name, signs in MARKS.items() if any(sign in marks for sign in signs)}
    return page


def together(pages: list[Page], domain: str) -> dict[str, Any]:
    """What all pages say: the first one that says something is believed."""
    told: dict[str, Any] = {}
    for page in pages:
        for name, value in page.told.items():
            told.setdefault(name, value)
    emails = [each for page in pages for each in page.emails if each.endswith((f"@{domain}", f".{domain}"))]
    general = [each for each in emails if _OF_SOMEBODY.match(each)]
    if general or emails:
        told["contact_email"] = (general or emails)[0]
    technologies = sorted(set().union(*(page.technologies for page in pages))) if pages else []
    if technologies:
        told["technologies"] = technologies
    return told


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, str] = {}
        self.links: list[str] = []
        self.assets: list[str] = []
        self.structured: list[str] = []
        self.title = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and (name := found.get("name") or found.get("property")):
            self.meta.setdefault(name.casefold(), found.get("content", "").strip())
        elif tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag in {"script", "link", "img", "iframe"} and (source := found.get("src") or found.get("href")):
            self.assets.append(source)
        if tag == "script" and found.get("type", "").casefold() == "application/ld+json":
            self._inside = "structured"
            self.structured.append("")
        elif tag == "title" and not self.title:
            self._inside = "title"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "title"}:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "structured":
            self.structured[-1] += data
        elif self._inside == "title":
            self.title += data


def _structured(texts: list[str]) -> Iterator[Mapping[str, Any]]:
    """Organizations among the JSON-LD of a page, wherever they stand."""
    for text in texts:
        try:
            ahead = [json.loads(text)]
        except (ValueError, RecursionError):
            continue
        seen = 0
        while ahead and seen < 500:
            node, seen = ahead.pop(0), seen + 1
            if isinstance(node, list):
                ahead += node
            elif isinstance(node, dict):
                types = node.get("@type")
                named = {str(each).casefold() for each in (types if isinstance(types, list) else [types])}
                if named & ORGANIZATIONS:
                    yield node
                ahead += [node[name] for name in ("@graph", "publisher", "mainEntity") if name in node]


def _take_organization(told: dict[str, Any], data: Mapping[str, Any]) -> None:
    place = data.get("address")
    place = place[0] if isinstance(place, list) and place else place
    place = place if isinstance(place, dict) else {}
    land, people = place.get("addressCountry"), data.get("numberOfEmployees")
    count = people.get("value") if isinstance(people, dict) else people
    if isinstance(people, dict) and count is None and people.get("minValue") and people.get("maxValue"):
        told.setdefault("employee_range", f"{people['minValue']}-{people['maxValue']}")
    same = data.get("sameAs")
    candidates = {
        "name": data.get("name") or data.get("legalName"),
        "description": data.get("description"),
        "phone": data.get("telephone"),
        "country": land.get("name") if isinstance(land, dict) else land,
        "city": place.get("addressLocality"),
        "founded_year": str(data["foundingDate"])[:4] if data.get("foundingDate") else None,
        "employee_count": count,
        "industry": data.get("industry") or data.get("knowsAbout"),
    }
    for name, value in candidates.items():
        _offer(told, name, value)
    for link in same if isinstance(same, list) else [same]:
        _offer(told, "linkedin_url", link if isinstance(link, str) and "/company/" in link else None)


def _take_meta(told: dict[str, Any], parser: _Parser) -> None:
    _offer(told, "name", parser.meta.get("og:site_name") or parser.meta.get("application-name"))
    _offer(told, "description", parser.meta.get("description") or parser.meta.get("og:description"))
    if "name" not in told and (title := " ".join(parser.title.split())):
        parts = [part.strip() for part in re.split(r"\s[|–—·-]\s", title) if part.strip()]
        named = [part for part in parts if not _GENERIC_TITLE.match(part)]
        if len(parts) > 1 and named:
            _offer(told, "name", min(named, key=len))


def _take_link(page: Page, href: str, address: str, host: str) -> None:
    scheme, _, rest = href.strip().partition(":")
    match scheme.casefold():
        case "mailto":
            found = checked(FIELDS[Subject.COMPANY]["contact_email"], unquote(rest.partition("?")[0]))
            if found.is_valid:
                page.emails.append(found.value)
            return
        case "tel":
            _offer(page.told, "phone", unquote(rest))
            return
        case "javascript" | "data":
            return
    try:
        target = urlsplit(urljoin(address, href.strip()))
    except ValueError:  # no address at all, such as http://[
        return
    where = (target.hostname or "").removeprefix("www.")
    if where.endswith("linkedin.com"):
        _offer(page.told, "linkedin_url", target.geturl() if "/company/" in target.path else None)
    elif where == host and target.scheme in {"http", "https"} and WORTH_READING.search(target.path):
        page.links.append(target._replace(fragment="", query="").geturl())


def _offer(told: dict[str, Any], name: str, value: Any) -> None:
    """Only what is valid: a page that says nonsense first may say sense later."""
    if name not in told and checked(FIELDS[Subject.COMPANY][name], value).is_valid:
        told[name] = value
