"""A world is a function of its parameters: the same ones, the same world, with the rates that they ask for."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from data.simulator.careers import lifecycle_moves
from data.simulator.client import draw_client
from data.simulator.history import history_files, write_history
from data.simulator.journeys import DAY_SECONDS
from data.simulator.mail import DELIVERED, OPENED, REPLIED
from data.simulator.parameters import BotShares, ClientPlan, Drift, WorldParameters
from data.simulator.traffic import HUMAN, KINDS, event_count
from data.simulator.truth import TruthWriter, read_truth
from data.simulator.website import AGENTS, FIRST_LOOK
from data.simulator.words import DEVICES
from data.simulator.world import World
from domain.errors import InvalidInput
from serving.bots.detector import user_agent_reasons

ONE = (ClientPlan(name="Acme", share=1),)
SMALL = WorldParameters(event_count=3_000, clients=ONE)
LARGE = WorldParameters(event_count=150_000, clients=ONE)
NO_BOTS = BotShares(crawler=0, headless=0, stealth=0, monitor=0, form_spam=0)


@pytest.fixture(scope="module")
def large():
    return draw_client(LARGE, LARGE.clients[0])


def events_in(folder) -> pa.Table:
    return pa.concat_tables(pq.read_table(path) for path in sorted(folder.glob("*/website_events/*.parquet")))


def written(parameters: WorldParameters, folder, *, until: date | None = None, chunk: int = 25_000):
    for client in World(parameters).clients():
        write_history(client, folder, until=until or World(parameters).ends_on, chunk=chunk)
    return events_in(folder)


def test_the_same_parameters_make_the_same_events_whatever_the_chunks(tmp_path):
    first = written(SMALL, tmp_path / "a").to_pylist()
    assert first == written(SMALL, tmp_path / "b", chunk=37).to_pylist()


def test_another_seed_makes_another_world(tmp_path):
    other = SMALL.model_copy(update={"seed": 8})
    ids = [set(written(p, tmp_path / str(p.seed))["event_id"].to_pylist()) for p in (SMALL, other)]
    assert not ids[0] & ids[1]


def test_days_written_one_by_one_are_the_days_written_at_once(tmp_path):
    client = draw_client(SMALL, SMALL.clients[0])
    whole = written(SMALL, tmp_path / "whole")
    for day in (40, 41, 90, 500):
        write_history(client, tmp_path / "parts", until=SMALL.starts_on + timedelta(days=day))
    parts = events_in(tmp_path / "parts")
    assert parts.num_rows == whole.num_rows
    assert set(parts["event_id"].to_pylist()) == set(whole["event_id"].to_pylist())


def test_a_second_run_writes_nothing_new(tmp_path):
    written(SMALL, tmp_path)
    before = {file.path: file.path.stat().st_mtime_ns for file in history_files(tmp_path, "acme")}
    written(SMALL, tmp_path)
    assert before == {file.path: file.path.stat().st_mtime_ns for file in history_files(tmp_path, "acme")}


def test_an_interrupted_span_is_written_again(tmp_path):
    whole = written(SMALL, tmp_path)
    for path in tmp_path.glob("acme/ad_spend/*"):
        path.unlink()  # the last file of a span: without it the span is unfinished
    assert written(SMALL, tmp_path, until=SMALL.starts_on + timedelta(days=60)).num_rows < whole.num_rows
    assert written(SMALL, tmp_path).num_rows == whole.num_rows


def test_a_folder_holds_one_world(tmp_path):
    with TruthWriter(SMALL, tmp_path):
        pass
    with pytest.raises(InvalidInput, match="another world"):
        TruthWriter(LARGE, tmp_path)


def test_a_world_has_about_as_many_events_as_asked_for(large):
    assert event_count(large.chance, large.traffic) == pytest.approx(LARGE.event_count, rel=0.05)


def test_visitors_send_the_form_as_often_as_the_client_says(large):
    visitors = len(np.unique(large.visits.person))
    assert large.visits.submits.sum() / visitors == pytest.approx(large.plan.lead_rate, abs=0.01)


def test_leads_become_customers_as_often_as_the_client_says(large):
    leads = np.isfinite(large.careers.lead_at)
    assert large.careers.converts[leads].mean() == pytest.approx(large.plan.customer_rate, abs=0.05)
    assert np.nanmean(large.careers.converts_probability) == pytest.approx(large.plan.customer_rate, abs=0.001)


def test_true_probabilities_are_calibrated(large):
    leads = np.isfinite(large.careers.lead_at)
    probability, converts = large.careers.converts_probability[leads], large.careers.converts[leads]
    for part in np.array_split(np.argsort(probability), 4):
        assert converts[part].mean() == pytest.approx(probability[part].mean(), abs=0.09)


def test_each_kind_of_program_makes_its_part_of_the_events(tmp_path):
    with TruthWriter(LARGE, tmp_path) as truth:
        truth.write(draw_client(LARGE, LARGE.clients[0]))
    kinds = read_truth(tmp_path)["traffic"]["kind"].combine_chunks().dictionary_decode().to_numpy(zero_copy_only=False)
    for kind in ("crawler", "headless", "stealth", "monitor", "form_spam"):
        assert np.mean(kinds == kind) == pytest.approx(getattr(LARGE.bots, kind), rel=0.2), kind


def test_what_a_channel_did_is_not_what_it_closed(large):
    """Direct closes many times what it brought; the truth and the last touch are far apart."""
    share = large.effects.incremental_conversions / large.effects.incremental_conversions.sum()
    last = np.bincount(large.visits.channel[large.visits.submits], minlength=len(share)) / large.visits.submits.sum()
    direct = [plan.channel.value for plan in large.plan.channels].index("Direct")
    assert last[direct] > 4 * share[direct]
    assert np.abs(share - last).sum() > 0.25


def test_a_channel_without_effect_brought_nothing():
    idle = ONE[0].model_copy(
        update={
            "channels": tuple(p.model_copy(update={"effect": 0.0}) if p.closes > 0.3 else p for p in ONE[0].channels)
        }
    )
    client = draw_client(SMALL, idle)
    without = [plan.effect == 0.0 for plan in idle.channels]
    assert any(without)
    assert np.all(client.effects.incremental_conversions[without] == pytest.approx(0.0))


def test_conversions_agree_with_their_expectation(large):
    assert large.visits.submits.sum() == pytest.approx(large.effects.expected_conversions, rel=0.05)


def test_people_answer_best_near_their_hour(large):
    mail, people = large.mailing.events, large.people
    delivered = mail.type == DELIVERED
    hour = (mail.at / 3600 + LARGE.starts_on.weekday() * 24) % 168
    apart = np.abs(hour - people.best_send_hour[mail.person] - 0.5)
    apart = np.minimum(apart, 168 - apart)
    answered = np.isin(mail.message, mail.message[(mail.type == OPENED) & ~mail.is_machine])
    near, far = (answered[delivered & chosen].mean() for chosen in (apart < 3, apart > 24))
    assert near > 1.8 * far


def test_machines_open_and_click_within_seconds_and_never_reply(large):
    mail = large.mailing.events
    assert np.isin(mail.type[mail.is_machine], [OPENED, OPENED + 1]).all()
    sent = dict(
        zip(mail.message[mail.type == DELIVERED].tolist(), mail.at[mail.type == DELIVERED].tolist(), strict=True)
    )
    delays = [
        at - sent[message]
        for message, at in zip(mail.message[mail.is_machine].tolist(), mail.at[mail.is_machine].tolist(), strict=True)
    ]
    assert np.median(delays) < 60
    assert min(delays) > 0
    assert not (mail.is_machine & (mail.type == REPLIED)).any()


def test_some_contacts_step_back_and_some_come_back(large):
    moves = lifecycle_moves(large.careers)
    pairs = set(zip(moves.former, moves.stage, strict=True))
    assert {("sql", "mql"), ("lost", "mql")} <= pairs
    assert np.all(np.diff(moves.at)[np.diff(moves.row) == 0] >= 0)


def test_after_a_drift_fewer_leads_become_customers():
    drift = Drift(from_day=60, lead_factor=0.5, customer_factor=0.3, driver_shift=1.0)
    client = draw_client(LARGE.model_copy(update={"drift": drift}), LARGE.clients[0])
    lead_at, probability = client.careers.lead_at, client.careers.converts_probability
    before = probability[lead_at < 60 * DAY_SECONDS]
    after = probability[np.isfinite(lead_at) & (lead_at >= 60 * DAY_SECONDS)]
    assert after.mean() < 0.7 * before.mean()
    assert after.std() < before.std()


def test_the_first_look_of_history_is_the_one_of_the_collector():
    for number, agent in enumerate(AGENTS):
        assert user_agent_reasons(agent.user_agent) == FIRST_LOOK.get(number, ()), agent.user_agent
    assert all(number >= len(DEVICES) for number in FIRST_LOOK)


def test_without_programs_all_traffic_is_human():
    client = draw_client(SMALL.model_copy(update={"bots": NO_BOTS, "gateway_share": 0.0}), SMALL.clients[0])
    assert {KINDS[kind] for kind in np.unique(client.traffic.kind)} == {KINDS[HUMAN]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_count": 10},
        {"clients": ()},
        {"bots": {"crawler": 0.3, "headless": 0.3, "stealth": 0.3}},
        {"clients": (*ONE, *ONE)},
        {"days": 1},
        {"colour": "blue"},
    ],
)
def test_a_world_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        WorldParameters.model_validate(wrong)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**31),
    days=st.integers(7, 400),
    rate=st.floats(0.001, 0.8),
    shares=st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=7, max_size=7),
    memory=st.floats(0.1, 400),
    prospects=st.sampled_from([0.0, 0.5, 0.9]),
)
def test_any_world_can_be_drawn_and_told(seed, days, rate, shares, memory, prospects, tmp_path_factory):
    names = ("machine_open_share", "gateway_share", "shared_browser_share", "second_device_share",
             "cleared_cookies_share", "without_consent_share", "duplicate_rate")  # fmt: skip
    parameters = WorldParameters(
        seed=seed, event_count=1_000, days=days, memory_days=memory, prospect_share=prospects,
        clients=(ONE[0].model_copy(update={"lead_rate": rate}),), **dict(zip(names, shares, strict=True)),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("any")
    client = draw_client(parameters, parameters.clients[0])
    write_history(client, folder / "history", until=World(parameters).ends_on)
    with TruthWriter(parameters, folder) as truth:
        truth.write(client)
    told = read_truth(folder)
    assert sum(told["channel_effects"]["share"].to_pylist()) == pytest.approx(1.0, abs=1e-9)
    assert len(set(told["traffic"]["event_id"].to_pylist())) == told["traffic"].num_rows
    assert events_in(folder / "history").num_rows == told["traffic"].num_rows
