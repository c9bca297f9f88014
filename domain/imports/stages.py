"""The names that other programs give to the stages of people and deals."""

from __future__ import annotations

from domain.contacts import LifecycleStage
from domain.imports.headers import normalise

DEAL_STAGES = ("lead", "mql", "sql", "opportunity", "proposal", "negotiation", "won", "lost")

_LIFECYCLE = {
    LifecycleStage.VISITOR: "visitor, subscriber, anonymous, prospect website, besucher, abonnent",
    LifecycleStage.LEAD: """lead, leads, new, new lead, open, prospect, raw, inquiry, enquiry, suspect, cold, neu, offen,
        interessent, nouveau, piste, nuevo, nuovo, attempted to contact, contacted, unqualified lead, working""",
    LifecycleStage.MQL: """mql, marketing qualified lead, marketingqualifiedlead, marketing qualified, engaged, warm,
        nurture, nurturing, connected, marketing-qualifiziert""",
    LifecycleStage.SQL: """sql, sales qualified lead, salesqualifiedlead, sales qualified, sal, sales accepted,
        sales accepted lead, qualified, qualified lead, qualifiziert, qualifie, calificado, qualificato, hot, sqo,
        vertriebsqualifiziert, meeting booked""",
    LifecycleStage.OPPORTUNITY: """opportunity, opp, deal, in pipeline, negotiation, proposal, open deal, verkaufschance,
        opportunite, oportunidad, opportunita""",
    LifecycleStage.CUSTOMER: """customer, client, won, closed won, converted, active customer, evangelist, paying, buyer,
        kunde, gewonnen, gagne, cliente, ganado, vinto""",
    LifecycleStage.LOST: """lost, closed lost, disqualified, churned, dead, unqualified, not interested, rejected, junk,
        bad timing, verloren, abgelehnt, perdu, perdido, perso, former customer""",
}
_DEAL = {
    "lead": "lead, new, open, incoming, inbound, prospecting, prospect, neu, nouveau, nuevo, nuovo, discovery",
    "mql": "mql, marketing qualified",
    "sql": """sql, sales qualified, qualification, qualified, qualifiedtobuy, qualified to buy, needs analysis,
        qualifiziert, appointment scheduled, appointmentscheduled, meeting scheduled, demo scheduled, contact made""",
    "opportunity": """opportunity, presentation scheduled, presentationscheduled, demo, demo done, value proposition,
        id decision makers, perception analysis, decision maker bought in, decisionmakerboughtin, in progress, evaluation,
        pipeline, active""",
    "proposal": """proposal, proposal sent, proposal made, proposal price quote, quote, quoted, quote sent, offer,
        offer sent, angebot, angebot gesendet, devis, propuesta, proposta, presupuesto""",
    "negotiation": """negotiation, negotiations, negotiation review, negotiations started, in negotiation,
        contract sent, contractsent, contract, commit, verbal, verhandlung, negociation, negociacion, trattativa, legal""",
    "won": """won, closed won, closedwon, close won, signed, success, customer, sold, gewonnen, abgeschlossen gewonnen,
        gagne, ganado, cerrado ganado, vinto, vinta, chiuso vinto, выиграна""",
    "lost": """lost, closed lost, closedlost, close lost, abandoned, cancelled, canceled, rejected, verloren, perdu,
        perdido, cerrado perdido, perso, persa, chiuso perso, проиграна""",
}


def _index(table: dict[str, str]) -> dict[str, str]:
    return {normalise(name): stage for stage, names in table.items() for name in names.split(",")}


_LIFECYCLE_BY_NAME = _index({str(stage): names for stage, names in _LIFECYCLE.items()})
_DEAL_BY_NAME = _index(_DEAL)


def lifecycle_stage_of(name: str) -> str | None:
    """Our stage for another program's (`Marketing Qualified Lead` → `mql`), or None."""
    return _LIFECYCLE_BY_NAME.get(normalise(name))


def deal_stage_of(name: str) -> str | None:
    """Our stage for another program's (`closedwon`, `Closed Won (Sales Pipeline)` → `won`), or None."""
    return _DEAL_BY_NAME.get(normalise(name)) or _DEAL_BY_NAME.get(normalise(name.partition("(")[0]))
