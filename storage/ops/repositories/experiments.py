"""Experiments, and the log of who met which arm first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.errors import Conflict, NotFound
from domain.filters import Condition, FieldType, Sort
from domain.ids import new_id
from storage.ops.insertion import upsertion
from storage.ops.keys import among
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.tables import Experiment, ExperimentExposure

FIELDS = {
    "key": ListField(FieldType.TEXT, Experiment.key),
    "name": ListField(FieldType.TEXT, Experiment.name, is_sortable=True),
    "state": ListField(FieldType.TEXT, Experiment.state),
    "unit": ListField(FieldType.TEXT, Experiment.unit),
    "metric": ListField(FieldType.TEXT, Experiment.metric),
    "started_at": ListField(FieldType.DATETIME, Experiment.started_at, is_sortable=True),
    "stopped_at": ListField(FieldType.DATETIME, Experiment.stopped_at, is_sortable=True),
    "created_at": ListField(FieldType.DATETIME, Experiment.created_at, is_sortable=True),
}
NEWEST = Sort("created_at", descending=True)


@dataclass(frozen=True, slots=True)
class Met:
    """A subject (a node of the identity graph) met an arm for the first time."""

    subject: str
    arm: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Exposed:
    """Of one experiment: how many subjects met an arm, and the first and last moment that one did."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


class Experiments(Repository):
    def page(
        self, conditions: Iterable[Condition], *, sort: Sort = NEWEST, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """A page of experiments, an agency's clients' too."""
        asked = select(Experiment).where(
            self.readable(Experiment.organization_id), *(clause(each, FIELDS[each.field]) for each in conditions)
        )
        return page(
            self.work, asked, fields=FIELDS, key=Experiment.experiment_id, sort=sort, limit=limit, cursor=cursor,
            with_total=True,
        )  # fmt: skip

    def get(self, experiment_id: str) -> Experiment:
        """Raises NotFound."""
        found = self.by_id(Experiment, experiment_id)
        if found is None:
            raise NotFound("There is no such experiment here.")
        return found

    def called(self, key: str) -> Experiment:
        """The organization's own of this key. Raises NotFound."""
        found = self._of_key(key)
        if found is None:
            raise NotFound(f"There is no experiment {key!r} here.")
        return found

    def add(self, key: str, columns: Mapping[str, Any]) -> Experiment:
        """A draft. Raises Conflict for a key that another one has."""
        self._require_free(key)
        made = Experiment(**columns, key=key, organization_id=self.target(), state="draft", seed=new_id())
        self.session.add(made)
        self.session.flush()
        return made

    def change(self, experiment: Experiment, columns: Mapping[str, Any]) -> None:
        """Writes columns; what may be written when is `domain.experiments.running`'s. Raises Conflict for a taken key."""
        self.writable(experiment.organization_id)
        if columns.get("key", experiment.key) != experiment.key:
            self._require_free(columns["key"])
        for name, value in columns.items():
            setattr(experiment, name, value)
        experiment.updated_at = self.work.now()
        self.session.flush()

    def delete(self, experiment: Experiment) -> None:
        self.writable(experiment.organization_id)
        self.session.delete(experiment)
        self.session.flush()

    def _of_key(self, key: str) -> Experiment | None:
        asked = select(Experiment).where(Experiment.organization_id == self.target(), Experiment.key == key)
        return self.session.scalars(asked).first()

    def _require_free(self, key: str) -> None:
        if self._of_key(key) is not None:
            raise Conflict(f"there is an experiment {key!r} already")


class ExperimentExposures(Repository):
    def held(self, experiment_id: str, subjects: Collection[str]) -> list[Met]:
        """What the log has of these subjects, oldest first."""
        asked = self._of(experiment_id).where(
            among(ExperimentExposure.subject, self.work.store.engine.dialect, subjects)
        )
        return [Met(*row) for row in self.session.execute(asked).tuples()]

    def expose(self, experiment: Experiment, subjects: Sequence[str], arm: str, via: str) -> str:
        """Logs that subjects, who are one unit, met an arm. One that was logged meanwhile stays as it is: the answer is the
        arm that the log has first."""
        target = self.writable(experiment.organization_id)
        now = self.work.now()
        rows = [
            {
                "experiment_exposure_id": new_id(),
                "organization_id": target,
                "experiment_id": experiment.experiment_id,
                "subject": subject,
                "arm": arm,
                "via": via,
                "exposed_at": now,
            }
            for subject in subjects
        ]
        insertion = upsertion(ExperimentExposure, self.work.store.engine.dialect).on_conflict_do_nothing()
        self.session.execute(insertion, rows)
        return self.held(experiment.experiment_id, subjects)[0].arm

    def of(self, experiment_id: str) -> list[Met]:
        """Everybody who met an arm, oldest first."""
        return [Met(*row) for row in self.session.execute(self._of(experiment_id)).tuples()]

    def counts(self, experiment_ids: Collection[str]) -> dict[str, Exposed]:
        """How many subjects met an arm of each of some experiments."""
        asked = (
            select(
                ExperimentExposure.experiment_id,
                func.count(),
                func.min(ExperimentExposure.exposed_at),
                func.max(ExperimentExposure.exposed_at),
            )
            .where(
                among(ExperimentExposure.experiment_id, self.work.store.engine.dialect, experiment_ids),
                self.readable(ExperimentExposure.organization_id),
            )
            .group_by(ExperimentExposure.experiment_id)
        )
        return {row[0]: Exposed(*row[1:]) for row in self.session.execute(asked).tuples()}

    def _of(self, experiment_id: str) -> Any:
        return (
            select(ExperimentExposure.subject, ExperimentExposure.arm, ExperimentExposure.exposed_at)
            .where(ExperimentExposure.experiment_id == experiment_id, self.readable(ExperimentExposure.organization_id))
            .order_by(ExperimentExposure.exposed_at, ExperimentExposure.subject)
        )
