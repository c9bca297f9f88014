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
    "shopping": ["amazon", "ebay", "etsy"],
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
        list(search_rules(read["SearchEngines"])),
        list(listed_rules(read["Socials"], "social")),
        list(listed_rules(VIDEO, "video")),
        list(listed_rules(SHOPPING, "shopping", "host")),
        list(listed_rules(read["AIAssistants"], "ai_assistant")),
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
