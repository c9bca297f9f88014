"""The learned model as one thing: what it looks at, how it ranks, what its ranking means, and how it is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models_ml import artifacts
from models_ml.lead_scoring.calibration import Calibrator
from models_ml.lead_scoring.features import ENGAGEMENT, Feature, Matrix
from models_ml.lead_scoring.learners import Learner, read_learner

MODEL = "lead_scoring"
LEARNER_FILE, MODEL_FILE = "learner.txt", "model.json"


@dataclass(frozen=True, slots=True)
class LeadModel:
    """A fitted, calibrated model. `base_log_odds` are the average lead's in the window it was calibrated on."""

    features: tuple[Feature, ...]
    learner: Learner
    calibrator: Calibrator
    base_log_odds: float

    @property
    def knows_engagement(self) -> bool:
        """Whether visits, clicks or replies were among what it learned from."""
        return any(feature.name in ENGAGEMENT for feature in self.features)

    def log_odds(self, matrix: Matrix) -> Matrix:
        """Calibrated log-odds of each row."""
        return self.calibrator.apply(self.learner.raw(matrix))

    def files(self) -> dict[str, str]:
        """What a prediction needs, as text."""
        described: Mapping[str, Any] = {
            "algorithm": self.learner.name,
            "features": [feature.as_dict() for feature in self.features],
            "calibrator": self.calibrator.as_dict(),
            "base_log_odds": self.base_log_odds,
        }
        return {LEARNER_FILE: self.learner.dump(), MODEL_FILE: artifacts.dumps(described)}


@lru_cache(maxsize=32)
def load_model(root: Path, content_hash: str) -> LeadModel:
    """The model saved under a hash; kept in memory, for a hash never means another model."""
    files = artifacts.load(root, MODEL, content_hash).files
    described = json.loads(files[MODEL_FILE])
    return LeadModel(
        features=tuple(Feature.of(one) for one in described["features"]),
        learner=read_learner(described["algorithm"], files[LEARNER_FILE]),
        calibrator=Calibrator.of(described["calibrator"]),
        base_log_odds=described["base_log_odds"],
    )


def version_of(algorithm: str, content_hash: str) -> str:
    """The name a version is shown by: `lightgbm-3fa2b1c09d`."""
    return f"{algorithm}-{content_hash[:10]}"
