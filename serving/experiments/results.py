"""What may be concluded of an experiment now, from who met which arm and what they did afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import InvalidInput
from domain.experiments.assigning import Exposure, Unit, Variant
from domain.experiments.metrics import MARGINS, Metric
from domain.experiments.planning import plan
from domain.experiments.reading import Reading, Terms, read
from domain.experiments.units import Counts, counted
from serving.experiments.readings import arms_out, guardrails_out
from serving.experiments.schemas import PlanOut, ResultsOut
from storage.ops.repositories.experiment_facts import BROWSER, FIRM, PERSON, ExperimentFacts, Happened
from storage.ops.repositories.experiments import ExperimentExposures, Experiments, Met
from storage.ops.store import Work
from storage.ops.tables import Experiment

LOOKED_BACK = timedelta(days=180)
"""How far back the organization's own rate is taken from."""
PACE = timedelta(days=14)
"""Days from which units a day are taken."""
LEAST_BEFORE = 50
"""Units from which a base rate is taken."""


@dataclass(frozen=True, slots=True)
class Read:
    """An experiment as it stands, and what it was read by."""

    met: Sequence[Met]
    counts: Counts
    terms: Terms
    reading: Reading


def results(work: Work, experiment_id: str) -> ResultsOut:
    """Raises NotFound."""
    found = Experiments(work).get(experiment_id)
    read_now = reading_of(work, found)
    counts, reading = read_now.counts, read_now.reading
    return ResultsOut(
        experiment_id=experiment_id,
        unit=Unit(found.unit),
        metric=Metric(found.metric),
        outcome=reading.outcome.value,
        reason=reading.reason,
        arm_id=reading.key,
        missing=reading.missing,
        least_lift=found.least_lift,
        detectable_lift=reading.detectable,
        horizon_days=found.horizon_days,
        young=sum(arm.exposed - arm.matured.total for arm in counts.arms),
        clash_count=counts.clashes,
        split_p_value=reading.split.anytime_p_value if reading.split else None,
        expected_units=list(reading.split.expected) if reading.split else [],
        arms=arms_out(counts, reading),
        guardrails=guardrails_out(reading),
        plan=_plan(work, found, read_now),
        read_at=work.now(),
    )


def reading_of(work: Work, experiment: Experiment) -> Read:
    """Reads an experiment as it stands. What was not known before it began is not read by."""
    variants = tuple(Variant(arm["key"], arm["weight"]) for arm in experiment.arms)
    met = ExperimentExposures(work).of(experiment.experiment_id)
    units = Units(work, experiment)
    units.learn(met)
    since = experiment.started_at or work.now()
    facts, organization_id = ExperimentFacts(work), experiment.organization_id
    happened = facts.outcomes(Metric(experiment.metric), since, organization_id) if met else []
    harms = facts.harms(experiment.guardrails, since, organization_id) if met else {}
    units.learn_people(one.contact_id for each in (happened, *harms.values()) for one in each)
    counts = counted(
        variants,
        [Exposure(units.of(one.subject), one.arm, one.at) for one in met],
        units.moments(happened),
        {kind: units.moments(harms.get(kind, [])) for kind in experiment.guardrails},
        now=work.now(),
        horizon=timedelta(days=experiment.horizon_days),
    )
    terms = Terms(
        base_rate=experiment.base_rate,
        least_lift=experiment.least_lift,
        margins={name: MARGINS[name] for name in experiment.guardrails},
        is_split_known=experiment.reallocated_at is None,
    )
    return Read(met, counts, terms, read(counts.arms, terms))


class Units:
    """Which unit a subject, person or company is to an experiment: after merges, and once it is known whose a browser is."""

    def __init__(self, work: Work, experiment: Experiment) -> None:
        self._facts = ExperimentFacts(work)
        self._organization_id = experiment.organization_id
        self._by_company = experiment.unit == Unit.COMPANY
        self._browsers: dict[str, str] = {}
        self._people: dict[str, tuple[str, str | None]] = {}
        self._firms: dict[str, str] = {}

    def learn(self, met: Iterable[Met]) -> None:
        """Looks up who stands behind the subjects of the log."""
        subjects = [one.subject for one in met]
        browsers = [each for each in subjects if each.startswith(BROWSER)]
        self._browsers = self._facts.people_behind(browsers, self._organization_id)
        self.learn_people(
            [each.removeprefix(PERSON) for each in subjects if each.startswith(PERSON)] + [*self._browsers.values()]
        )
        self._learn_firms(each.removeprefix(FIRM) for each in subjects if each.startswith(FIRM))

    def learn_people(self, contact_ids: Iterable[str | None]) -> None:
        missing = {each for each in contact_ids if each} - self._people.keys()
        self._people |= self._facts.people(sorted(missing), self._organization_id) if missing else {}
        if self._by_company:
            self._learn_firms(firm for _, firm in self._people.values() if firm)

    def of(self, subject: str) -> str:
        """The unit of a node."""
        if subject in self._browsers:
            return self.of_person(self._browsers[subject])
        if subject.startswith(PERSON):
            return self.of_person(subject.removeprefix(PERSON))
        if subject.startswith(FIRM):
            return self.of_firm(subject.removeprefix(FIRM))
        return subject

    def of_person(self, contact_id: str) -> str:
        person, firm = self._people.get(contact_id, (contact_id, None))
        return self.of_firm(firm) if self._by_company and firm else f"{PERSON}{person}"

    def of_firm(self, company_id: str) -> str:
        return f"{FIRM}{self._firms.get(company_id, company_id)}"

    def moments(self, happened: Iterable[Happened]) -> dict[str, list[datetime]]:
        """When something happened, by unit; under the browser too, where it is not known whose it is."""
        found: dict[str, list[datetime]] = {}
        for one in happened:
            units = {self.of_person(one.contact_id)} if one.contact_id else set()
            if one.company_id and self._by_company:
                units.add(self.of_firm(one.company_id))
            if one.anonymous_id:
                units.add(self.of(f"{BROWSER}{one.anonymous_id}"))
            for unit in units:
                found.setdefault(unit, []).append(one.at)
        return found

    def _learn_firms(self, company_ids: Iterable[str]) -> None:
        missing = set(company_ids) - self._firms.keys()
        self._firms |= self._facts.firms(sorted(missing), self._organization_id) if missing else {}


def _plan(work: Work, experiment: Experiment, now: Read) -> PlanOut:
    rate, rate_from = _base_rate(work, experiment, now)
    per_day, pace_from = _pace(work, experiment, now.met)
    if pace_from == "contacts":
        per_day *= experiment.traffic * (1 - experiment.holdout)
    arms, horizon = len(experiment.arms), float(experiment.horizon_days)
    per_arm: int | None = None
    days: float | None = None
    if rate is not None:
        with suppress(InvalidInput):  # a share that such a lift would bring above all
            whole = plan(rate, experiment.least_lift, arms=arms, units_per_day=per_day, horizon_days=horizon)
            per_arm, days = whole.per_arm, _days_left(now.counts, whole.per_arm, per_day, horizon)
    return PlanOut(
        base_rate=rate, base_rate_from=rate_from, per_arm=per_arm, units_per_day=per_day,
        units_per_day_from=pace_from, days=days,
    )  # fmt: skip


def _days_left(counts: Counts, per_arm: int | None, per_day: float, horizon: float) -> float | None:
    """Until every arm has its units and their outcomes are in. Those that are young come of age meanwhile."""
    if per_arm is None:
        return None
    missing = sum(max(per_arm - arm.exposed, 0) for arm in counts.arms)
    if not missing:
        return horizon if any(arm.matured.total < per_arm for arm in counts.arms) else 0.0
    return missing / per_day + horizon if per_day > 0 else None


def _base_rate(work: Work, experiment: Experiment, now: Read) -> tuple[float | None, str | None]:
    """What share succeeds, and from where that is known: what was said, what the arms show, what those who are known did."""
    if experiment.base_rate is not None:
        return experiment.base_rate, "said"
    tallies = [arm.matured for arm in now.counts.arms]
    won, total = sum(each.successes for each in tallies), sum(each.total for each in tallies)
    if total >= LEAST_BEFORE and 0 < won < total:
        return won / total, "arms"
    if experiment.metric != Metric.FORM_SUBMISSION:  # people become known by forms: of those who are, all sent one
        known, had = ExperimentFacts(work).usual(
            Metric(experiment.metric), experiment.unit, now=experiment.started_at or work.now(),
            within=timedelta(days=experiment.horizon_days), lasts=LOOKED_BACK,
            organization_id=experiment.organization_id,
        )  # fmt: skip
        if known >= LEAST_BEFORE and 0 < had < known:
            return had / known, "contacts"
    return None, None


def _pace(work: Work, experiment: Experiment, met: Sequence[Met]) -> tuple[float, str]:
    """Units a day: those that met an arm lately, or before that, people who became known."""
    now = work.now()
    began = experiment.started_at
    if began is not None and now - began >= timedelta(days=1):
        end = experiment.stopped_at or now
        since = max(began, end - PACE)
        return sum(one.at >= since for one in met) / max((end - since) / timedelta(days=1), 1.0), "exposures"
    came = ExperimentFacts(work).newcomers(experiment.unit, now - PACE, experiment.organization_id)
    return came / (PACE / timedelta(days=1)), "contacts"
