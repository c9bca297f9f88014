"""Arms and guardrails of a reading, as every route that reads an experiment answers them."""

from __future__ import annotations

from domain.experiments.reading import Reading
from domain.experiments.units import Counts
from serving.experiments.schemas import ArmReadingOut, GuardrailOut


def arms_out(counts: Counts, reading: Reading) -> list[ArmReadingOut]:
    compared = {each.key: each for each in reading.comparisons}
    return [
        ArmReadingOut(
            arm_id=arm.key,
            is_enabled=arm.is_enabled,
            weight=arm.weight,
            exposed=arm.exposed,
            matured=arm.matured.total,
            successes=arm.matured.successes,
            rate=arm.matured.rate if arm.matured.total else None,
            low=low,
            high=high,
            chance_best=belief.chance_best,
            expected_loss=belief.expected_loss,
            difference=compared[arm.key].difference.estimate if arm.key in compared else None,
            difference_low=compared[arm.key].difference.low if arm.key in compared else None,
            difference_high=compared[arm.key].difference.high if arm.key in compared else None,
            p_value=compared[arm.key].adjusted_p_value if arm.key in compared else None,
        )
        for arm, (low, high), belief in zip(counts.arms, reading.intervals, reading.beliefs, strict=True)
    ]


def guardrails_out(reading: Reading) -> list[GuardrailOut]:
    return [
        GuardrailOut(
            name=each.name, arm_id=each.key, rate=each.rate, control_rate=each.control_rate, state=each.state.value
        )
        for each in reading.guardrails
    ]
