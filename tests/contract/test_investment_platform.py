"""The platform's adapter against its sandbox, and the way of an event from the outbox to the log (PARALLEL-INV-11)."""
import threading
from datetime import timedelta
from wsgiref.simple_server import make_server

import pytest
from sqlalchemy import select

from engine.api import OutboxEvent, announce
from engine.db import db, unit_of_work
from integrations.errors import PartnerRefused, PartnerUnreachable
from integrations.investment_platform.adapter import HttpInvestmentPlatform
from integrations.investment_platform.models import PlatformReport
from integrations.investment_platform.port import Report
from integrations.investment_platform.sandbox import InvestmentPlatformSandbox
from tests.conftest import NOON
from tests.databases import close, make_app
from webapp.jobs import relay_outbox

KEY = "shared key"
CODE = "2611-130202-04-01-100001"
REPORT = Report("step:1", "CaseStepReported", CODE, {"project_code": CODE, "step": "受理"})


@pytest.fixture
def platform():
    with InvestmentPlatformSandbox(KEY, lambda: NOON) as sandbox:
        yield sandbox


def adapter(platform, key=KEY):
    return HttpInvestmentPlatform(platform.url, key)


def test_a_report_is_taken_once_and_answered_with_its_receipt(platform):
    first = adapter(platform).report(REPORT, at=NOON)
    again = adapter(platform).report(REPORT, at=NOON + timedelta(minutes=1))
    assert first == again == {"receipt": "R00000001"}
    assert [(entry["projectCode"], entry["kind"]) for entry in platform.received] == [(CODE, "CaseStepReported")]


@pytest.mark.parametrize("report", [
    Report("k", "CaseStepReported", "1234", {}), Report("k", "Gossip", CODE, {}), Report("", "CaseStepReported", CODE, {}),
])
def test_a_report_without_a_project_code_or_of_another_kind_is_refused(platform, report):
    with pytest.raises(PartnerRefused):
        adapter(platform).report(report, at=NOON)


def test_a_wrong_key_or_an_old_signature_is_refused(platform):
    with pytest.raises(PartnerRefused):
        adapter(platform, key="other").report(REPORT, at=NOON)
    with pytest.raises(PartnerRefused):
        adapter(platform).report(REPORT, at=NOON - timedelta(minutes=6))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_later_and_broken_are_tried_again(platform, status):
    platform.next_status = status
    with pytest.raises(PartnerUnreachable):
        adapter(platform).report(REPORT, at=NOON)


@pytest.mark.parametrize("body", [b"<html>login</html>", b"[]", b"{" + b" " * (2 << 20)], ids=["html", "list", "huge"])
def test_an_answer_that_is_no_receipt_is_not_believed(body):
    def lie(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body]

    server = make_server("127.0.0.1", 0, lie)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    with pytest.raises(PartnerUnreachable):
        HttpInvestmentPlatform(f"http://127.0.0.1:{server.server_port}", KEY).report(REPORT, at=NOON)
    thread.join(5)
    server.server_close()


def test_a_redirect_is_not_followed(platform):
    platform.next_status = 307
    with pytest.raises(PartnerRefused):
        adapter(platform).report(REPORT, at=NOON)


@pytest.mark.req("PARALLEL-INV-11")
def test_every_reported_event_reaches_the_platform_and_the_log(database_url, tmp_path, clock, platform):
    app = make_app(database_url, tmp_path, investment_platform_url=platform.url, investment_platform_key=KEY)
    with app.app_context():
        for number, kind in enumerate(("ProjectRegistered", "CaseStepReported", "CaseResultReported")):
            payload = {"code": CODE} if kind == "ProjectRegistered" else {"project_code": CODE, "step": "受理"}
            unit_of_work(lambda kind=kind, payload=payload, number=number: announce(
                kind, payload, topics=[], at=clock.now(), key=f"key:{number}"
            ))
        assert relay_outbox() == 3
        reports = db.session.scalars(select(PlatformReport).order_by(PlatformReport.id)).all()
        assert [(report.kind, report.project_code, report.answer["receipt"]) for report in reports] == [
            ("ProjectRegistered", CODE, "R00000001"), ("CaseStepReported", CODE, "R00000002"), ("CaseResultReported", CODE, "R00000003"),
        ]
        # the relay dies after the platform took it: the same report again makes no second entry anywhere
        unit_of_work(lambda: db.session.execute(db.update(OutboxEvent).values(delivered_at=None, next_attempt_at=clock.now())))
        assert relay_outbox() == 3
        assert len(db.session.scalars(select(PlatformReport)).all()) == 3 == len(platform.received)
    close(app)
