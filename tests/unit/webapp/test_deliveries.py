"""What could not be delivered is seen and sent again."""
import pytest
from sqlalchemy import select

from engine.api import AuditEntry, OutboxEvent, announce
from engine.db import db, unit_of_work
from tests.builders import build_staff


@pytest.fixture
def failed(app, clock):
    unit_of_work(lambda: announce("CaseStepReported", {"project_code": "x"}, topics=[], at=clock.now(), key="step:1"))
    unit_of_work(lambda: db.session.execute(db.update(OutboxEvent).values(failure="项目代码有误", attempts=49)))
    return db.session.scalars(select(OutboxEvent)).one()


def test_a_failure_is_listed_and_sent_again(client, login, clock, failed):
    build_staff("guanli", "administrator")
    login(client, "staff:guanli")
    page = client.get("/admin/deliveries").text
    assert "step:1" in page and "项目代码有误" in page
    assert client.post(f"/admin/deliveries/{failed.id}/retry").status_code == 302
    db.session.refresh(failed)
    assert (failed.failure, failed.attempts, failed.next_attempt_at) == (None, 0, clock.now())
    assert db.session.scalars(select(AuditEntry.by).where(AuditEntry.chain == "delivery:step:1")).all() == ["staff:guanli"]
    assert client.post(f"/admin/deliveries/{failed.id}/retry").status_code == 404
    assert "step:1" not in client.get("/admin/deliveries").text


def test_it_is_the_administrators(client, login, clock, failed):
    build_staff("li", "monitor")
    login(client, "staff:li")
    assert client.get("/admin/deliveries").status_code == 403
    assert client.post(f"/admin/deliveries/{failed.id}/retry").status_code == 403
