"""Rewrites source_categories.csv and referrer_spam.csv from newer copies of the public lists named in README.md.

    python dbt_project/seeds/refresh_source_categories.py FOLDER

FOLDER holds matomo_lists/{SearchEngines,Socials,AIAssistants}.yml and referrer_spam/spammers.txt.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

HERE = Path(__file__).parent
VIDEO = {
    "YouTube": ["youtube.com", "youtu.be", "m.youtube.com"],
    "Vimeo": ["vimeo.com"],
    "Dailymotion": ["dailymotion.com"],
    "Twitch": ["twitch.tv"],
    "Wistia": ["wistia.com", "wistia.net"],
    "Netflix": ["netflix.com"],
    "Hulu": ["hulu.com"],
    "Disney Plus": ["disneyplus.com"],
    "TED": ["ted.com"],
    "iQIYI": ["iqiyi.com"],
    "Youku": ["youku.com"],
    "Loom": ["loom.com"],
}
SHOPPING = {
    "Amazon": ["amazon.com", "amazon.co.uk", "amazon.de", "amazon.fr", "amazon.ca", "amazon.co.jp", "amazon.in"],
    "eBay": ["ebay.com", "ebay.co.uk", "ebay.de"],
    "Etsy": ["etsy.com"],
    "AliExpress": ["aliexpress.com"],
    "Alibaba": ["alibaba.com"],
    "Walmart": ["walmart.com"],
    "Mercado Libre": ["mercadolibre.com", "mercadolivre.com.br"],
    "Rakuten": ["rakuten.com", "rakuten.co.jp"],
    "Google Shopping": ["shopping.google.com"],
    "Shopzilla": ["shopzilla.com"],
    "Idealo": ["idealo.de"],
}
WEBMAIL = {
    "Gmail": ["mail.google.com", "com.google.android.gm"],
    "Outlook": ["outlook.live.com", "outlook.office.com", "outlook.office365.com", "mail.live.com", "safelinks.protection.outlook.com"],
    "Yahoo Mail": ["mail.yahoo.com", "mail.yahoo.net"],
    "AOL Mail": ["mail.aol.com"],
    "Proton Mail": ["mail.proton.me", "mail.protonmail.com"],
    "GMX": [
        "navigator.gmx.net", "bap.navigator.gmx.net", "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.fr", "gmx.es", "gmx.it", "gmx.com",
        "gmx.co.uk", "deref-gmx.net", "deref-gmx.de", "deref-gmx.at", "deref-gmx.ch", "deref-gmx.fr", "deref-gmx.es",
        "deref-gmx.it", "deref-gmx.com", "deref-gmx.co.uk",
    ],
    "WEB.DE": ["deref-web.de", "navigator.web.de", "3c.web.de", "3c-bap.web.de", "lightmailer-bap.web.de", "lightmailer-bs.web.de"],
    "mail.com": ["deref-mail.com", "3c-lxa.mail.com", "lightmailer.mail.com", "navigator-lxa.mail.com"],
    "IONOS": [
        f"{name}.ionos.{country}" for name in ("email", "mailbusiness")
        for country in ("com", "de", "es", "fr", "it", "ca", "mx", "co.uk")
    ] + ["deref-1und1-02.de"],
    "Orange": ["webmail.orange.fr", "webmail1m.orange.fr", "mail01.orange.fr", "mail02.orange.fr", "wmail.orange.fr",
               "messagerie.orange.fr", "messageriepro3.orange.fr"],
    "Bluewin": ["email.bluewin.ch", "rich-v01.bluewin.ch", "rich-v02.bluewin.ch"],
    "Infomaniak": ["mail.infomaniak.com"],
    "T-Online": ["email.t-online.de"],
    "TIM": ["webmail.tim.it"],
    "UPC": ["upcmail.hispeed.ch"],
    "Vodafone": ["mail.vodafone.de"],
    "Fastmail": ["fastmail.com"],
    "Zoho Mail": ["mail.zoho.com", "mail.zoho.eu"],
    "iCloud Mail": ["icloud.com"],
    "Mail.ru": ["e.mail.ru"],
    "Yandex Mail": ["mail.yandex.ru", "mail.yandex.com"],
    "QQ Mail": ["mail.qq.com"],
}  # fmt: skip
"""Where people read their mail in a browser: a visit from there came by a message."""
ASSISTANTS = {
    "Character.AI": ["character.ai"],
    "Poe": ["poe.com"],
    "Duck.ai": ["duck.ai"],
    "Kagi Assistant": ["assistant.kagi.com"],
}
SHORT_NAMES = {
    "search": ["google", "bing", "yahoo", "duckduckgo", "ecosia", "yandex", "baidu", "brave", "qwant", "startpage"],
    "social": [
        "facebook",
        "fb",
        "instagram",
        "ig",
        "linkedin",
        "twitter",
        "x",
        "reddit",
        "tiktok",
        "pinterest",
        "quora",
    ],
    "video": ["youtube", "vimeo", "wistia", "twitch"],
    "shopping": [
        "amazon",
        "ebay",
        "etsy",
        "alibaba",
        "aliexpress",
        "walmart",
        "shopify",
        "google shopping",
        "shopping",
    ],
    "ai_assistant": ["chatgpt", "openai", "claude", "perplexity", "gemini", "copilot", "grok", "deepseek", "mistral"],
}


class Rule(NamedTuple):
    """How one source is recognised. `match_kind`: `host` (this host only), `parent` (it and the hosts below it),
    `any_tld` (a stem before any ending), `name` (what people write into utm_source)."""

    match_kind: str
    pattern: str
    category: str
    source_name: str


def search_rules(engines: dict[str, list[dict[str, Any]]]) -> Iterator[Rule]:
    """`{}` stands for a country. A host that also serves other things (docs.google.com) must not match by its parent.

    Hosts given with a path (google.{}/products) are left out: their host alone means the engine itself.
    """
    for name, variants in engines.items():
        for url in (url.casefold().removesuffix("/") for variant in variants for url in variant["urls"]):
            host = url.removeprefix("www.")
            if "/" in host:
                continue
            if host.startswith("{}."):
                yield Rule("parent", host.removeprefix("{}."), "search", name)
            elif host.endswith(".{}"):
                yield Rule("any_tld", host.removesuffix(".{}"), "search", name)
            elif "{}" not in host and "." in host:
                yield Rule("host", host, "search", name)


def listed_rules(listed: dict[str, list[str]], category: str, match_kind: str = "parent") -> Iterator[Rule]:
    for name, urls in listed.items():
        for host in (url.casefold().removesuffix("/").removeprefix("www.") for url in urls):
            if "/" not in host and "." in host:
                yield Rule(match_kind, host, category, name.replace("%2B", "+"))


def all_rules(folder: Path) -> list[Rule]:
    """One rule a pattern: within a list the first wins, and a later list over an earlier one."""
    lists = folder / "matomo_lists"
    read = {
        name: yaml.safe_load((lists / f"{name}.yml").read_text("utf-8"))
        for name in ("SearchEngines", "Socials", "AIAssistants")
    }
    by_category = [
        # what holds for all hosts below one says more than what holds for it alone
        sorted(search_rules(read["SearchEngines"]), key=lambda rule: rule.match_kind != "parent"),
        list(listed_rules(read["Socials"], "social")),
        list(listed_rules(VIDEO, "video")),
        list(listed_rules(SHOPPING, "shopping", "host")),
        list(listed_rules(read["AIAssistants"] | ASSISTANTS, "ai_assistant")),
        list(listed_rules(WEBMAIL, "email")),
        [Rule("name", short, category, short) for category, names in SHORT_NAMES.items() for short in names],
    ]
    kept: dict[tuple[str, str], Rule] = {}
    for rules in by_category:
        kept |= {(_spelling(rule), rule.pattern): rule for rule in reversed(rules)}
    return sorted(kept.values(), key=lambda rule: (rule.pattern, rule.match_kind))


def _spelling(rule: Rule) -> str:
    """What the pattern is written as: `google` is a stem and a name, but a host is a host in whatever list it stands."""
    return "host" if rule.match_kind in {"host", "parent"} else rule.match_kind


def main(folder: Path) -> None:
    with (HERE / "source_categories.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Rule._fields)
        writer.writerows(all_rules(folder))
    spammers = sorted(
        {line.strip() for line in (folder / "referrer_spam/spammers.txt").read_text("utf-8").splitlines()}
    )
    with (HERE / "referrer_spam.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["host"])
        writer.writerows([host.removeprefix("www.")] for host in spammers if host)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
