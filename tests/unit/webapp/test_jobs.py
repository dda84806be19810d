"""What runs by itself: deliveries at least once and in order, retries that end, timers, and the ticking."""
import time
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.api import OutboxEvent, ProcessInstance, announce, deploy, start_process
from engine.db import db, unit_of_work
from integrations.errors import PartnerRefused, PartnerUnreachable
from webapp import jobs
from webapp.jobs import ATTEMPTS, BATCH, JOBS, relay_outbox
from webapp.wiring import Hearer
from webapp.worker import SETTINGS, InProcessJobs, create_celery


@dataclass
class Partner:
    """Hears events and answers as told."""

    heard: list = field(default_factory=list)
    given_up: list = field(default_factory=list)
    fails_with: Exception | None = None
    in_transaction: list = field(default_factory=list)

    def hear(self, event):
        self.heard.append(event.key)
        self.in_transaction.append(db.session().in_transaction())
        if self.fails_with:
            raise self.fails_with


@pytest.fixture
def partner(app):
    partner = Partner()
    app.extensions["hearers"] = {"Said": [Hearer(partner.hear, lambda event: partner.given_up.append(event.key))]}
    return partner


def say(clock, *keys, kind="Said"):
    for key in keys:
        unit_of_work(lambda key=key: announce(kind, {}, topics=[], at=clock.now(), key=key))


def row(key):
    db.session.expire_all()
    return db.session.scalar(select(OutboxEvent).where(OutboxEvent.key == key))


def test_what_is_announced_arrives_once_oldest_first(partner, clock):
    keys = [f"k{number}" for number in range(BATCH * 2 + 3)]
    say(clock, *keys)
    assert relay_outbox() == len(keys)
    assert partner.heard == keys
    assert relay_outbox() == 0 and partner.heard == keys


def test_no_transaction_is_open_while_a_partner_is_called(partner, clock):
    say(clock, "a", "b", "c")
    relay_outbox()
    assert partner.in_transaction == [False] * 3


def test_what_nobody_hears_is_settled(partner, clock):
    say(clock, "a", "b", kind="Whispered")
    relay_outbox()
    assert row("a").delivered_at == clock.now() and row("b").delivered_at and partner.heard == []


def test_a_failure_is_tried_again_every_five_minutes_and_then_shown(partner, clock):
    partner.fails_with = PartnerUnreachable("away")
    say(clock, "a")
    for attempt in range(1, ATTEMPTS + 1):
        relay_outbox()
        relay_outbox()  # not before five minutes are over
        assert len(partner.heard) == attempt
        clock.advance(minutes=5)
    assert row("a").failure == "away" and partner.given_up == ["a"]
    relay_outbox()
    assert len(partner.heard) == ATTEMPTS == 49
    assert clock.now() - row("a").created_at == timedelta(minutes=5) * 49


def test_it_arrives_when_the_partner_is_back(partner, clock):
    partner.fails_with = PartnerUnreachable("away")
    say(clock, "a")
    relay_outbox()
    partner.fails_with = None
    clock.advance(minutes=5)
    assert relay_outbox() == 1 and row("a").delivered_at == clock.now()


def test_a_refusal_is_shown_at_once(partner, clock):
    partner.fails_with = PartnerRefused("项目代码有误")
    say(clock, "a", "b")
    relay_outbox()
    assert partner.heard == ["a", "b"] == partner.given_up
    assert row("a").failure == "项目代码有误"


def test_a_partner_that_is_away_is_asked_once_a_round_and_the_others_wait(partner, clock):
    partner.fails_with = PartnerUnreachable("away")
    say(clock, "a", "b", "c")
    relay_outbox()
    assert partner.heard == ["a"]
    assert (row("a").attempts, row("b").attempts, row("c").attempts) == (1, 0, 0)
    partner.fails_with = None
    clock.advance(minutes=5)
    relay_outbox()
    assert partner.heard == ["a", "a", "b", "c"]


def test_a_fault_of_ours_in_a_hearer_does_not_stop_the_others(partner, clock):
    partner.fails_with = KeyError("a bug")
    say(clock, "a", "b")
    relay_outbox()
    assert partner.heard == ["a", "b"]


def test_what_was_claimed_and_lost_is_due_again(partner, clock):
    say(clock, "a")
    unit_of_work(lambda: jobs._claim({"Said"}, clock.now()))  # a worker that is killed here
    assert relay_outbox() == 0
    clock.advance(minutes=5)
    assert relay_outbox() == 1


# --- timers -------------------------------------------------------------------------------------------

WAITING = """
  <process id="waiting" name="等待" isExecutable="true">
    <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>
    <intermediateCatchEvent id="t" name="一小时"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>
    <sequenceFlow id="f2" sourceRef="t" targetRef="e"/><endEvent id="e"/>
  </process>"""


@pytest.fixture
def waiting(app, clock):
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">' + WAITING + "</definitions>"
    ).encode()
    unit_of_work(lambda: deploy(source, file_name="w.bpmn", by="staff:x", at=clock.now()))
    start = lambda: start_process("waiting", business_key="order:1", variables={}, by="staff:x", at=clock.now())
    return [unit_of_work(start).id for _ in range(3)]


def status(instance_id):
    db.session.expire_all()
    return db.session.get(ProcessInstance, instance_id).status


def test_timers_fire_when_they_are_due_and_not_before(waiting, clock):
    clock.advance(minutes=59)
    assert jobs.fire_timers() == 0
    clock.advance(minutes=1)
    assert jobs.fire_timers() == 3
    assert [status(each) for each in waiting] == ["completed"] * 3
    assert jobs.fire_timers() == 0


def test_one_timer_that_cannot_fire_does_not_hold_up_the_others(waiting, clock, monkeypatch):
    real = jobs.fire_due_timers

    def fails_for_the_first(instance_id, at):
        if instance_id == waiting[0]:
            raise RuntimeError("poison")
        return real(instance_id, at)

    monkeypatch.setattr(jobs, "fire_due_timers", fails_for_the_first)
    monkeypatch.setattr(jobs, "TIMER_BATCH", 1)
    clock.advance(hours=2)
    assert jobs.fire_timers() == 2
    assert [status(each) for each in waiting] == ["active", "completed", "completed"]


# --- ticking ------------------------------------------------------------------------------------------

def test_the_settings_that_keep_work_from_being_lost(app):
    """reliability 2j."""
    settings = create_celery(app).conf
    assert settings.task_acks_late and settings.task_reject_on_worker_lost and settings.task_ignore_result
    assert settings.accept_content == ["json"] and settings.result_backend is None
    assert settings.timezone == "UTC"
    assert SETTINGS["worker_prefetch_multiplier"] == 1
    assert SETTINGS["broker_transport_options"]["visibility_timeout"] >= 2 * SETTINGS["task_time_limit"]


def test_every_job_is_ticked(app):
    schedule = create_celery(app).conf.beat_schedule
    assert {name: entry["schedule"] for name, entry in schedule.items()} == {name: job.every for name, job in JOBS.items()}
    assert schedule["fire_timers"]["schedule"] == 5 and schedule["relay_outbox"]["schedule"] == 1


def test_a_tick_that_finds_the_one_before_still_running_leaves_it(app):
    job = jobs.Job("slow", 1, lambda: pytest.fail("ran twice"))
    with job._running:
        job.run(app)


def test_a_job_that_fails_does_not_stop_the_ticking(app):
    ran = []

    def fail():
        ran.append(1)
        raise RuntimeError

    job = jobs.Job("failing", 1, fail)
    job.run(app)
    job.run(app)
    assert ran == [1, 1]


def test_in_one_process_worker_and_beat_run_the_jobs_and_stop(bare_app, monkeypatch):
    ticks = []
    monkeypatch.setattr(JOBS["relay_outbox"], "act", lambda: ticks.append(1))
    monkeypatch.setattr(JOBS["relay_outbox"], "every", 0.1)
    running = InProcessJobs(bare_app)
    running.start()
    end = time.monotonic() + 10
    while len(ticks) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    started = time.monotonic()
    running.stop()
    assert len(ticks) >= 3 and time.monotonic() - started < 5
    assert not running._thread.is_alive()
