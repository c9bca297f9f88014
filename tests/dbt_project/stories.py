"""The stories that the tests ask about: each happens in an organization of its own, so one build tells them all."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tests.dbt_project.corrected_addresses import tell_of_addresses, tell_of_addresses_later
from tests.dbt_project.known_deals import tell_of_known_deals, tell_of_known_deals_later
from tests.dbt_project.merged_contacts import tell_of_merges, tell_of_merges_later
from tests.dbt_project.session_tables import tell_of_sessions
from tests.dbt_project.shared_browsers import tell_of_shared_browsers
from tests.dbt_project.signals_and_others import tell_of_signals
from tests.dbt_project.spend_and_leads import tell_of_spend_and_leads
from tests.dbt_project.twenty_leads import tell_of_twenty_leads
from tests.dbt_project.world import NOON, World, at


class Arrival(NamedTuple):
    """A page view as it comes in, and the channel it must be given."""

    expected: str
    referrer: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    click_id: str | None = None


ARRIVALS = [
    Arrival("Direct"),
    Arrival("Direct", referrer="https://www.acme.example/pricing"),
    Arrival("Cross-network", source="google", medium="cpc", campaign="Q1-Cross-network"),
    Arrival("Paid Shopping", source="amazon", medium="cpc"),
    Arrival("Paid Shopping", source="google", medium="ppc", campaign="spring-shopping"),
    Arrival("Paid Search", source="google", medium="cpc"),
    Arrival("Paid Search", referrer="https://www.google.com/", click_id="gclid"),
    Arrival("Paid Search", source="bing", medium="organic", click_id="msclkid"),
    Arrival("Paid Social", source="linkedin", medium="paid-social"),
    Arrival("Paid Social", referrer="https://www.linkedin.com/", click_id="li_fat_id"),
    Arrival("Paid Social", source="facebook", medium="paid", click_id="fbclid"),
    Arrival("Paid Video", source="youtube", medium="cpv-cpm"),
    Arrival("Display", source="somewhere", medium="banner"),
    Arrival("Paid Other", source="somewhere", medium="cpc"),
    Arrival("Organic Shopping", referrer="https://www.ebay.de/itm/1"),
    Arrival("Organic Social", referrer="https://l.facebook.com/l.php", click_id="fbclid"),
    Arrival("Organic Social", source="newsroom", medium="social"),
    Arrival("Organic Social", referrer="https://uk.linkedin.com/in/x"),
    Arrival("Organic Video", referrer="https://m.youtube.com/watch"),
    Arrival("Organic Video", source="somewhere", medium="Video-Post"),
    Arrival("AI Assistant", referrer="https://chatgpt.com/"),
    Arrival("AI Assistant", source="chatgpt.com"),
    Arrival("AI Assistant", referrer="https://www.perplexity.ai/search"),
    Arrival("Organic Search", referrer="https://www.google.co.uk/"),
    Arrival("Organic Search", referrer="https://duckduckgo.com"),
    Arrival("Organic Search", source="somewhere", medium="organic"),
    Arrival("Email", source="newsletter", medium="email"),
    Arrival("Email", source="e-mail", medium="(not set)"),
    Arrival("Email", referrer="https://mail.google.com/mail/u/0/"),
    Arrival("Email", referrer="https://deref-gmx.net/mail/client/"),
    Arrival("Organic Search", referrer="https://it.images.search.yahoo.com/images/view"),
    Arrival("AI Assistant", referrer="https://poe.com/chat/1"),
    Arrival("Organic Shopping", source="Google Shopping"),
    Arrival("Paid Shopping", source="alibaba", medium="retargeting"),
    Arrival("Affiliates", source="partner", medium="affiliate"),
    Arrival("Referral", referrer="https://clutch.co/agencies"),
    Arrival("Referral", referrer="https://docs.google.com/document/d/1"),
    Arrival("Audio", source="podcast", medium="audio"),
    Arrival("SMS", source="sms", medium="x"),
    Arrival("Mobile Push Notifications", source="app-x", medium="web-push"),
    Arrival("Unassigned", source="somewhere", medium="something"),
]


def tell(world: World) -> None:
    """What landed first."""
    _sessions(world)
    _identities(world)
    _channels_and_machines(world)
    _firms(world)
    _credit(world)
    _money(world)
    _features(world)
    tell_of_twenty_leads(world)
    tell_of_sessions(world)
    tell_of_merges(world)
    tell_of_addresses(world)
    tell_of_shared_browsers(world)
    tell_of_spend_and_leads(world)
    tell_of_known_deals(world)
    tell_of_signals(world)


def continue_the_stories(world: World) -> None:
    """What landed a day later: late events, news, and nothing that may change what was known before."""
    world.landed_at = at(days=31)
    tell_of_merges_later(world)
    tell_of_addresses_later(world)
    tell_of_known_deals_later(world)
    world.organization_id = "late"
    world.event(
        "late-2", at(minutes=25), "v-late", received_at=at(days=4), sent_at=at(days=4), occurred_at=at(minutes=25)
    )
    world.organization_id = "rejudged"
    world.change(
        "organization_setting", "rejudged-bot_rules-2", name="bot_rules", version=2, value={"version": 2},
        valid_from=at(days=1),
    )  # fmt: skip
    world.organization_id = "twice"
    _decide(world, "brothers", "contact:jon-1", "contact:jon-2", "different", decided_at=at(days=30))
    world.organization_id = "sessions"
    world.event("s-new", at(days=6), "v-sessions")
    world.organization_id = "features"
    world.event("f-3", at(days=20), "v-fay", page_path="/pricing")
    world.event("f-4", at(days=20, minutes=1), "v-fay", type="identify", email_hash="hash-gus")
    world.contact("fay", title="Chief Buyer", op="update", changed_at=at(days=20), company_id="fay-co",
                  attributes={"size": 9, "calls": 30})  # fmt: skip
    world.change("company", "fay-co", "update", name="Fay & Co", industry="Logistics", employee_count=60,
                 changed_at=at(days=20))  # fmt: skip
    world.email("f-m2", "replied", at(days=21), contact_id="fay")
    world.stage("fay", "customer", at(days=22))
    world.organization_id = "records"
    world.contact("rob", op="update", lifecycle_stage="sql", changed_at=at(days=1))
    world.contact("sue", op="delete", changed_at=at(days=1))
    world.organization_id = "rules_changed"
    world.setting("session_rules", inactivity_minutes=10, new_session_on_campaign=True)


def _sessions(world: World) -> None:
    world.organization("sessions")
    world.event("s1", at(), "v-sessions", page_path="/start", referrer="https://www.google.com/")
    world.event("s2", at(minutes=30), "v-sessions")  # a silence of exactly the limit
    world.event("s3", at(minutes=61), "v-sessions")  # and one a minute longer
    world.event("s4", at(minutes=65), "v-sessions", utm_source="newsletter", utm_medium="email", utm_campaign="may")
    world.event("s5", at(minutes=66), "v-sessions", utm_source="newsletter", utm_medium="email", utm_campaign="may")
    world.event("s6", at(minutes=67), "v-sessions", type="page_ping", properties='{"engaged_seconds": 21.5}')
    for name, rules in {"unsplit": {"new_session_on_campaign": False}, "short": {"inactivity_minutes": 10}}.items():
        world.organization(name)
        world.setting("session_rules", **rules)
        world.event("a1", at(), f"v-{name}")
        world.event("a2", at(minutes=15), f"v-{name}", utm_source="google", utm_medium="cpc")
    world.organization("rules_changed")
    world.event("c1", at(), "v-changed")
    world.event("c2", at(minutes=15), "v-changed")
    world.organization("late")
    world.event("late-1", at(), "v-late")
    world.event("late-3", at(minutes=50), "v-late")
    world.organization("clocks")
    world.event("wrong-year", at(), "v-1", occurred_at=at(days=-400), sent_at=at(days=-400, seconds=-60))
    world.event("waited", at(), "v-2", occurred_at=at(days=-400, hours=-2), sent_at=at(days=-400))
    world.event("waited-long", at(), "v-3", occurred_at=at(days=-90), sent_at=at())
    world.event("from-a-file", at(days=5), "v-4", occurred_at=at(days=-90), sent_at=None)
    world.event("from-the-future", at(), "v-5", occurred_at=at(days=3), sent_at=None)
    world.organization("berlin", time_zone="Europe/Berlin")
    world.event("b1", at(hours=11, minutes=30), "v-berlin")


def _identities(world: World) -> None:
    world.organization("shared")
    for contact_id in ("ada", "bob"):
        world.contact(contact_id, at(days=1))
    world.event("h1", at(), "v-shared")
    world.event("h2", at(days=1), "v-shared")
    world.event("h3", at(days=1, minutes=1), "v-shared", type="identify", email_hash="hash-ada")
    world.event("h4", at(days=2), "v-shared")
    world.event("h5", at(days=3), "v-shared", type="identify", email_hash="hash-bob", contact_id="bob")
    world.event("h6", at(days=3, minutes=10), "v-shared", type="identify", email_hash="hash-ada")
    world.organization("alone")
    world.contact("cal", at(days=1))
    world.event("i1", at(), "v-cal")
    world.event("i2", at(days=1), "v-cal", type="identify", email_hash="hash-cal")
    world.event("i3", at(days=2), "v-cal-phone", type="identify", email_hash="hash-cal")
    world.event("i4", at(days=2), "v-unconsenting", type="identify", email_hash="hash-cal", consent="session")
    world.event("i5", at(days=2), "v-crawler", type="identify", email_hash="hash-cal", is_bot=True)
    world.organization("decided")
    for contact_id in ("dan", "dana", "eve", "eva"):
        world.contact(contact_id)
    world.event("d1", at(), "v-d", type="identify", email_hash="hash-dan")
    world.event("d2", at(days=1), "v-d", type="identify", email_hash="hash-dana")
    _decide(world, "same-1", "contact:dan", "contact:dana", "same")
    _decide(world, "same-2", "contact:eva", "contact:eve", "same")
    _decide(world, "revoked", "contact:dan", "contact:eve", "same", revoked_at=at(days=2))
    _decide(world, "different", "contact:eve", "contact:eva", "different", decided_at=at(days=3))

    _duplicates(world)


def _duplicates(world: World) -> None:
    """Two records of one person; two of brothers that look like one until somebody says otherwise (a day later)."""
    world.organization("twice")
    world.contact("zoe-1", first_name="Zoë", last_name="Marsh", phone="+999 20 555 0001", external_id="crm-1")
    world.contact("zoe-2", first_name="ZOE", last_name="MARSH", phone="00999205550001", email=None, email_hash=None)
    for number, name in ((1, "Jon"), (2, "Jonathan")):
        contact, site = f"jon-{number}", ("clutch.co", "www.google.com")[number - 1]
        world.contact(contact, at(days=-20 + number), first_name=name, last_name="Marsh", phone="+999 20 555 0009")
        world.event(f"tw-{number}0", at(days=-18 + number), f"v-{contact}", referrer=f"https://{site}/")
        world.event(
            f"tw-{number}1", at(days=-18 + number, minutes=1), f"v-{contact}", type="identify",
            email_hash=f"hash-{contact}",
        )  # fmt: skip
        world.stage(contact, "mql", at(days=-10))
    world.contact("amy-1", first_name="Amy", last_name="Wong", phone="+999 20 555 0003", email="amy@wong.example")
    world.contact("amy-2", first_name="Amy", last_name="Wong", phone="+999 20 555 0004", email="aw@wong.example")


def _decide(world: World, decision_id: str, left: str, right: str, verdict: str, **values) -> None:
    defaults = {"rule": "person", "evidence": {}, "confidence": 1.0, "decided_by": "user", "decided_at": at(days=1)}
    world.change(
        "identity_decision", decision_id, left_node=left, right_node=right, verdict=verdict, **(defaults | values)
    )


def _channels_and_machines(world: World) -> None:
    world.organization("channels")
    for number, arrival in enumerate(ARRIVALS):
        clicked = {arrival.click_id: "x1"} if arrival.click_id else {}
        world.event(
            f"ch-{number}", at(minutes=number), f"v-ch-{number:02}", referrer=arrival.referrer,
            utm_source=arrival.source, utm_medium=arrival.medium, utm_campaign=arrival.campaign, **clicked,
        )  # fmt: skip
    world.organization("machines")
    world.event("m-person", at(), "v-person")
    world.event("m-flagged", at(), "v-flagged", is_bot=True, bot_reasons="crawler_user_agent")
    world.event("m-spam", at(), "v-spam", referrer="https://www.0n-line.tv/offer")
    for number in range(12):
        world.event(f"m-fast-{number}", at(seconds=number * 0.2), "v-fast", page_path=f"/{number}")
        world.event(f"m-clock-{number}", at(seconds=number * 30), "v-clock", page_path=f"/{number}")
        world.event(f"m-monitor-{number}", at(hours=number), "v-monitor", page_path="/status")
    world.event("m-trap", at(), "v-trap", page_path="/en/lh-trap/1")
    world.event("m-form-1", at(), "v-form-spam", page_path="/contact")
    world.event("m-form-2", at(seconds=1), "v-form-spam", type="form_submit")
    rented = {"is_bot": True, "bot_reasons": "datacentre_network", "network_type": "hosting"}
    for browser in ("v-vpn", "v-server", "v-crawler"):
        reasons = rented | ({"bot_reasons": "known_bot"} if browser == "v-crawler" else {})
        for number, seconds in enumerate((0, 20, 95)):
            world.event(f"{browser}-{number}", at(seconds=seconds), browser, page_path=f"/{number}", **reasons)
            if browser != "v-server":
                ping = '{"engaged_seconds": 10}'
                world.event(
                    f"{browser}-ping-{number}", at(seconds=seconds + 10), browser, type="page_ping", properties=ping,
                    **reasons,
                )  # fmt: skip
    for browser, seconds in (("v-vpn", 160), ("v-crawler", 160)):
        reasons = rented | ({"bot_reasons": "known_bot"} if browser == "v-crawler" else {})
        world.event(f"{browser}-start", at(seconds=seconds), browser, type="form_start", **reasons)
        world.event(f"{browser}-form", at(seconds=seconds + 20), browser, type="form_submit", **reasons)
    _machine_mail(world)
    _newer_rules(world)
    world.organization("companies")
    world.change("company", "known-co", name="Known", domain="known.example")
    world.contact("kim", company_id="known-co")
    world.event("co-1", at(), "v-kim", type="identify", email_hash="hash-kim")
    seen = {"network_type": "business", "network_confidence": "high"}
    world.event("co-2", at(), "v-x", network_company_domain="known.example", network_company_name="Known Inc", **seen)
    world.event("co-3", at(), "v-y", network_company_domain="new.example", network_company_name="New Ltd", **seen)


def _machine_mail(world: World) -> None:
    world.organization("gateways")
    world.change("company", "guarded", name="Guarded", domain="guarded.example")
    for name in ("amy", "ben", "cy"):
        world.contact(name, company_id="guarded")
    world.contact("dee")
    for name in ("amy", "ben", "cy", "dee"):
        world.email(f"{name}-sent", "sent", at(), contact_id=name, message_id=f"m-{name}")
        world.email(f"{name}-delivered", "delivered", at(seconds=4), contact_id=name, message_id=f"m-{name}")
    for name in ("amy", "ben"):
        world.email(
            f"{name}-click",
            "clicked",
            at(seconds=20),
            contact_id=name,
            message_id=f"m-{name}",
            link_url="https://a.example/1",
        )
    world.email("cy-click", "clicked", at(hours=3), contact_id="cy", message_id="m-cy", link_url="https://a.example/1")
    for number in (1, 2):
        world.email(f"dee-scan-{number}", "clicked", at(seconds=40 + number), contact_id="dee", message_id="m-dee",
                    link_url=f"https://a.example/{number}")  # fmt: skip
    world.email(
        "dee-trap", "clicked", at(hours=1), contact_id="dee", message_id="m-dee", link_url="https://a.example/lh-trap"
    )
    world.email(
        "dee-open",
        "opened",
        at(hours=2),
        contact_id="dee",
        message_id="m-dee",
        properties='{"user_agent": "Mozilla/5.0"}',
    )
    world.email(
        "dee-click",
        "clicked",
        at(hours=2, minutes=1),
        contact_id="dee",
        message_id="m-dee",
        link_url="https://a.example/1",
    )
    world.event("g-1", at(hours=2, minutes=1, seconds=3), "v-dee", page_path="/1")
    world.event(
        "g-2", at(hours=2, minutes=1, seconds=30), "v-dee", type="page_ping", properties='{"engaged_seconds": 25}'
    )
    world.event("g-3", at(hours=2, minutes=2), "v-dee", type="identify", email_hash="hash-dee")
    world.email("dee-click-2", "clicked", at(hours=2, minutes=1, seconds=5), contact_id="dee", message_id="m-dee", link_url="https://a.example/2",
                is_machine=True, machine_reason="provider_says_so")  # fmt: skip
    world.organization("outbox")
    world.change("campaign", "spring", name="Spring", channel="email", sequence_id="seq")
    for name in ("ann", "bea", "cyn", "dot-2"):
        world.contact(name)
        world.message(f"{name}-sent", "sent", at(), name)
    for number, name in enumerate(("ann", "bea", "cyn")):
        world.hit(f"{name}-burst", "clicked", at(hours=2, seconds=number), name, ip_network="203.0.113.0/24")
    world.hit("ann-later", "clicked", at(hours=5), "ann", ip_network="203.0.113.0/24")
    world.hit("bea-open", "opened", at(hours=3), "bea", is_machine=True, reasons=["head_request"])
    world.hit("dot-trap", "trapped", at(hours=3), "dot-2", is_machine=True, reasons=["trap_followed"])
    world.message("bea-answer", "replied", at(hours=6), "bea")
    world.message("cyn-away", "auto_replied", at(hours=6), "cyn")
    world.message("dot-gone", "bounced", at(hours=6), "dot-2")
    world.organization("first_rules")
    world.setting("bot_rules", version=1)
    world.event("fr-1", at(), "v-trap-old", page_path="/lh-trap")
    world.contact("dot")
    world.email("dot-1", "clicked", at(), contact_id="dot", message_id="m-dot", link_url="https://a.example/lh-trap")


def _firms(world: World) -> None:
    """One that bought, one that may, one that did not, and networks that name nobody."""
    world.organization("firms")
    told = {"description": "Freight software", "technologies": ["Kafka", "Rails"]}
    world.change(
        "company", "won-co", name="Won", domain="won.example", industry="Logistics", employee_count=120, attributes=told
    )
    world.change("company", "open-co", name="Open", domain="open.example", attributes={})
    world.change("company", "lost-co", name="Lost", domain="lost.example", attributes={})
    world.contact("wim", at(), company_id="won-co", title="CMO")
    world.contact("wes", at(days=9), company_id="won-co", title="Head of Happiness")
    world.contact("oda", at(), company_id="open-co")
    world.contact("lou", at(), company_id="lost-co")
    world.deal("d-won", "wim", "won", at(days=2), closed_at=at(days=5))
    world.deal("d-open", "oda", "proposal", at(days=2), company_id="open-co")
    world.deal("d-open-lost", "oda", "lost", at(days=1))
    world.deal("d-lost", "lou", "lost", at(days=2))
    for number, path in enumerate(["/", "/pricing", "/pricing", "/cases"]):
        world.event(f"wim-{number}", at(days=1, minutes=number), "v-wim", contact_id="wim", page_path=path)
    world.event("wim-id", at(days=1, minutes=9), "v-wim", type="identify", email_hash="hash-wim")
    world.event("wim-late", at(days=6), "v-wim", contact_id="wim", page_path="/customers-only")
    for kind in ("isp", "hosting", "mobile", "education"):
        owner = {"network_company_domain": f"{'campus' if kind == 'education' else kind}.example"}
        world.event(f"net-{kind}", at(), f"v-{kind}", network_type=kind, network_confidence="medium", **owner)


def _newer_rules(world: World) -> None:
    """A person behind a rented server, the same one's browser on a hidden page, a gateway's clicks: judged by the first
    rules, and a day later by the second."""
    world.organization("rejudged")
    world.setting("bot_rules", version=1)
    world.contact("lea-2", at(days=1))
    world.stage("lea-2", "mql", at(days=5))
    rented = {"is_bot": True, "bot_reasons": "datacentre_network"}
    world.event("rj-1", at(), "v-rented", referrer="https://clutch.co/", **rented)
    ping = '{"engaged_seconds": 15}'
    world.event("rj-2", at(seconds=20), "v-rented", type="page_ping", properties=ping, **rented)
    world.event("rj-3", at(seconds=30), "v-rented", type="form_start", **rented)
    world.event("rj-4", at(seconds=60), "v-rented", type="form_submit", email_hash="hash-lea-2", **rented)
    world.event("rj-5", at(days=2), "v-hidden", referrer="https://www.google.com/", page_path="/lh-trap")
    world.event("rj-6", at(days=2, seconds=30), "v-hidden", type="identify", email_hash="hash-lea-2")
    world.email("rj-m", "delivered", at(days=3), contact_id="lea-2", message_id="rj")
    for number in (1, 2):
        world.email(
            f"rj-c{number}",
            "clicked",
            at(days=3, seconds=20),
            contact_id="lea-2",
            message_id="rj",
            link_url=f"/{number}",
        )


def _credit(world: World) -> None:
    for name, rules in {"credit": {}, "credit_30": {"lookback_days": 30}}.items():
        world.organization(name)
        if rules:
            world.setting("attribution_rules", **rules)
        lea = f"lea-{name}"
        world.contact(lea, at(days=-50))
        world.event(f"{name}-0", at(days=-95), f"v-{name}", utm_source="too", utm_medium="affiliate")
        world.event(f"{name}-1", at(days=-60), f"v-{name}", referrer="https://www.google.com/")
        world.event(f"{name}-2", at(days=-50), f"v-{name}", type="identify", email_hash=f"hash-{lea}")
        world.email(f"{name}-3", "sent", at(days=-20), contact_id=lea)
        world.email(f"{name}-4", "clicked", at(days=-20), contact_id=lea, is_machine=True)
        world.email(f"{name}-5", "replied", at(days=-19), email_hash=f"hash-{lea}")
        world.change(
            "activity", f"{name}-6", contact_id=lea, kind="meeting", is_automated=False, occurred_at=at(days=-5)
        )
        world.deal(f"{name}-7", lea, "won", at(days=-30), closed_at=at(days=-1), amount_minor=900_00)
        world.event(f"{name}-8", at(days=2), f"v-{name}", utm_source="later", utm_medium="cpc")
        world.stage(lea, "mql", at(days=-10))
    world.organization("parts")
    world.setting("attribution_rules", half_life_days=5, path_transform="nonsense", markov_order=9,
                  custom_shares={"first": 0, "lead": 0, "opportunity": 0, "last": 0.25, "others": 0.75})  # fmt: skip
    world.contact("pia", at(days=5), company_id="firm")
    world.contact("pol", at(days=25), company_id="firm")
    for number, (days, kind) in enumerate(((5, "chat"), (10, "call"), (12, "meeting"), (15, "call"), (20, "chat"))):
        world.change("activity", f"parts-{number}", contact_id="pia", kind=kind, is_automated=False,
                     occurred_at=at(days=days))  # fmt: skip
    world.change("activity", "parts-of-pol", contact_id="pol", kind="meeting", is_automated=False,
                 occurred_at=at(days=11))  # fmt: skip
    world.stage("pia", "opportunity", at(days=12))
    world.stage("pia", "mql", at(days=14))
    world.stage("pia", "opportunity", at(days=16))
    world.spend("parts-calls", date(2026, 3, 3), 40_00, "Call")
    world.spend("parts-ads", date(2026, 3, 3), 10_00, "Display", campaign="spring")
    world.change("revenue_entry", "parts-once", deal_id="parts-deal", kind="one_off", amount_minor=300_00, currency="USD",
                 starts_on=date(2026, 3, 22))  # fmt: skip
    world.change("revenue_entry", "parts-monthly", contact_id="pia", kind="recurring", amount_minor=50_00, currency="USD",
                 starts_on=date(2026, 2, 22))  # fmt: skip
    world.change("revenue_entry", "parts-later", contact_id="pia", kind="one_off", amount_minor=999_00, currency="USD",
                 starts_on=date(2026, 9, 1))  # fmt: skip
    world.change("revenue_entry", "parts-franc", contact_id="pia", kind="one_off", amount_minor=7_00, currency="CHF",
                 starts_on=date(2026, 3, 22))  # fmt: skip
    world.deal("parts-deal", "pia", "won", at(days=12), closed_at=at(days=20), amount_minor=500_00)
    world.organization("untouched")
    world.contact("una", source="import")
    world.change("form_submission", "una-form", form_id="f", contact_id="una", status="accepted", submitted_at=at(days=3),
                 utm={"source": "google", "medium": "cpc"})  # fmt: skip
    world.contact("lone-fay", known_at=at(days=1))
    # on a list since the first day, and written to: one answers, one never does
    for name, stage in (("cold-cole", "lead"), ("cold-ned", "lost")):
        world.contact(name, source="import", lifecycle_stage=stage)
        world.stage(name, stage, at(days=6), from_stage="visitor")
    world.email("cole-answers", "replied", at(days=5), contact_id="cold-cole", message_id="m-cole")


def _money(world: World) -> None:
    world.organization("money", currency="EUR")
    for on, source, target, rate in (("2026-03-01", "USD", "EUR", 0.9), ("2026-03-01", "EUR", "JPY", 160.0)):
        world.change("fx_rate", f"{on}:{source}:{target}", organization_id="", rate_on=on, from_currency=source,
                     to_currency=target, rate=rate)  # fmt: skip
    world.spend("euro", date(2026, 3, 2), 100_00, "Paid Search", currency="EUR")
    world.spend("dollar", date(2026, 3, 3), 100_00, "paid_search")
    world.spend("yen", date(2026, 3, 3), 16_000, "Display", currency="JPY")
    world.spend("franc", date(2026, 3, 4), 70_00, "Display", currency="CHF")
    world.spend("board", date(2026, 3, 4), 50_00, "Billboard", currency="EUR")
    world.spend("tagged", date(2026, 3, 4), 20_00, "Ads", source="linkedin", medium="paid-social", currency="EUR")


def _features(world: World) -> None:
    world.organization("features")
    for key, role in {"size": "feature", "calls": "post_outcome", "note": "ignored"}.items():
        world.change("attribute_definition", f"features-{key}", key=key, label=key, data_type="integer", role=role,
                     entity="contact")  # fmt: skip
    world.change("company", "fay-co", name="Fay & Co", industry="Retail", employee_count=40)
    world.contact(
        "fay", title="Buyer", phone="+1", company_id="fay-co", attributes={"size": 5, "calls": 3, "note": "x"}
    )
    world.contact("gus", at(days=15), email="gus@gmail.com")
    world.event("f-1", at(minutes=-10), "v-fay", page_path="/pricing", referrer="https://chatgpt.com/")
    world.event("f-2", at(minutes=1), "v-fay", type="identify", email_hash="hash-fay")
    world.event("f-2b", at(hours=2), "v-fay", type="file_download")
    world.email("f-m1", "sent", at(hours=3), contact_id="fay")
    world.organization("outcomes")
    world.change("attribute_definition", "outcomes-y", entity="contact", key="y", label="y", data_type="text",
                 role="outcome", positive_value="Yes")  # fmt: skip
    for number, value in enumerate(("yes", "no", None)):
        world.contact(f"out-{number}", email=None, email_hash=None, import_id="file-1", source="import",
                      attributes={"y": value} if value else {})  # fmt: skip
    world.organization("records")
    world.contact("rob")
    world.contact("sue")
    world.stage("rob", "mql", NOON)
