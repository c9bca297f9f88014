"""The committed bank leads, which nobody here wrote: the honest figures, and what the leak would have promised.

A sample of every ninth lead runs always; all 45,211 in the slow suite, against the published figures.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from models_ml.lead_scoring.dataset import read_training_set
from models_ml.lead_scoring.model import load_model
from models_ml.lead_scoring.predict import score_organization
from models_ml.lead_scoring.train import train_organization
from tests.conftest import FixedClock


@pytest.fixture(scope="module")
def sample(make_features, tmp_path_factory):
    with make_features(tmp_path_factory.mktemp("bank")) as made:
        made.bank_leads("bank", most=5000)
        yield made, train_organization(made.lake, "bank", artifacts=made.artifacts, clock=FixedClock())


def test_without_duration_the_sample_is_ranked_as_well_as_honesty_allows(sample):
    _, report = sample
    assert 0.75 <= report.candidate("lightgbm").folds.auc <= 0.83
    assert report.candidate("logistic").folds.auc >= 0.74


def test_with_duration_the_figures_are_too_good_and_are_named_a_leak(sample):
    _, report = sample
    assert report.leak.columns == ("Duration",)
    assert report.leak.folds.auc > 0.9 > report.candidate("lightgbm").folds.auc
    assert any(note.startswith("Honest figures are those without Duration") for note in report.notes)


def test_duration_reaches_no_model(sample):
    features, report = sample
    if report.artifact_hash:
        names = {one.name for one in load_model(features.artifacts, report.artifact_hash).features}
        assert "attributes.duration" not in names


def test_the_jump_of_the_base_rate_is_said_aloud(sample):
    _, report = sample
    assert report.order == "file"
    assert report.window_rates["test"] > 3 * report.window_rates["fit"]
    assert any("The base rate drifts" in note for note in report.notes)


def test_in_time_order_the_figure_is_lower_than_over_folds_and_both_are_shown(sample):
    _, report = sample
    lightgbm = report.candidate("lightgbm")
    assert lightgbm.newest.auc < lightgbm.folds.auc
    text = "\n".join(report.summary_lines())
    assert f"{lightgbm.newest.auc:.3f}" in text
    assert f"{lightgbm.folds.auc:.3f}" in text


def test_published_figures_stand_beside_ours(sample):
    _, report = sample
    assert {0.80, 0.70, 0.937, 0.801} <= {one.value for one in report.published}


def plain_logistic_auc(lake) -> float:
    """scikit-learn's logistic regression over five folds: one column a word, numbers standardised, no `duration`."""
    data = read_training_set(lake, "bank")
    names = [name for name in data.kinds if name.startswith("attributes.")]
    words = [np.asarray(data.rows[name].to_pylist(), dtype=str) for name in names if data.kinds[name] == "category"]
    numbers = [data.rows[name].to_numpy() for name in names if data.kinds[name] == "number"]
    known = OneHotEncoder().fit_transform(np.column_stack(words)).toarray()
    design = np.column_stack([known, *numbers])
    learner = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    folds = StratifiedKFold(5, shuffle=True, random_state=1)
    return float(cross_val_score(learner, design, data.outcome, cv=folds, scoring="roc_auc").mean())


@pytest.mark.slow
def test_all_bank_leads_reach_the_published_figures_and_are_scored_in_time(features, clock):
    features.bank_leads("bank")
    report = train_organization(features.lake, "bank", artifacts=features.artifacts, clock=clock)
    plain = plain_logistic_auc(features.lake)
    assert report.champion.folds.auc >= 0.80 > plain, (report.algorithm, plain)
    assert report.champion.folds.auc == max(one.folds.auc for one in report.candidates if one.folds)
    assert report.leak.folds.auc >= 0.93
    newest = {one.name: one.newest.auc for one in report.candidates}
    assert newest[report.algorithm] >= max(newest["lightgbm"], newest["logistic"]) - 0.005
    assert report.calibration_check.error <= 0.03
    assert report.promotion.is_promoted
    assert "Base rate" in {one.label for one in report.drift if one.level == "alarm"}
    started = time.process_time()
    assert score_organization(features.lake, "bank", artifacts=features.artifacts, clock=clock) == 45211
    assert time.process_time() - started < 60
