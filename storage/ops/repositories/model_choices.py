"""What people decide about scoring models: audited, and kept as versioned settings that training and scoring read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.errors import InvalidInput
from domain.scoring_models import MODEL_SETTING, OVERRULES_SETTING, PIN_SETTING, Overrule, Pin, read_overrules, read_pin
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.organization_settings import OrganizationSettings


class ModelChoices(Repository):
    def overrules(self) -> dict[str, Overrule]:
        """By column: suspects that may be learned from, who said so and why."""
        return read_overrules(self._value(OVERRULES_SETTING))

    def use_column(self, column: str, *, by: str, reason: str) -> None:
        """Lets a suspect column be learned from; the next training does. Raises InvalidInput without a reason."""
        said = Overrule(column, by, _reason(reason))
        kept = {name: one.as_dict() for name, one in self.overrules().items()}
        self._put(OVERRULES_SETTING, {"columns": {**kept, column: said.as_dict()}}, "model.column_used", column)

    def leave_column_out(self, column: str) -> None:
        """Takes such a decision back; the guard's verdict holds again from the next training on."""
        kept = {name: one.as_dict() for name, one in self.overrules().items() if name != column}
        self._put(OVERRULES_SETTING, {"columns": kept}, "model.column_left_out", column)

    def pin(self) -> Pin | None:
        return read_pin(self._value(PIN_SETTING))

    def keep_version(self, pointer: Mapping[str, str], *, by: str, reason: str) -> None:
        """Puts a former version ({version, algorithm, artifact_hash}) back in use until it is let go: for new leads at
        once, for all with the next pass. Raises InvalidInput without a reason."""
        kept = Pin(pointer["version"], by, _reason(reason))
        OrganizationSettings(self.work).put(MODEL_SETTING, dict(pointer))
        self._put(PIN_SETTING, kept.as_dict(), "model.version_kept", kept.version)

    def let_go(self) -> None:
        """Lets training decide again."""
        kept = self.pin()
        if kept is not None:
            self._put(PIN_SETTING, {}, "model.version_let_go", kept.version)

    def _value(self, name: str) -> Mapping[str, Any]:
        held = OrganizationSettings(self.work).current(name)
        return held.value if held else {}

    def _put(self, name: str, value: Mapping[str, Any], action: str, subject: str) -> None:
        before = self._value(name)
        OrganizationSettings(self.work).put(name, value)
        Audit(self.work).record(action, "lead_scoring_model", subject, before=before, after=value)


def _reason(text: str) -> str:
    if not text.strip():
        raise InvalidInput("a decision about a model needs its reason", hint="Say in a sentence why you know better.")
    return text.strip()
