from __future__ import annotations

from sqlalchemy import select

from engine.api import OutboxEvent
from engine.db import db, unit_of_work
from webapp.api.resource import ID, Resource, paginated
from webapp.api.values import Answer, Moment, PageQuery, Text, Whole, page_of
from webapp.deliveries import routes as page

resource = Resource("deliveries", "外发 Deliveries", "没有送达其他系统的消息。What could not be delivered to other systems.")


class DeliverySchema(Answer):
    id, key, kind, attempts, failure = Whole(), Text(), Text(), Whole(), Text(allow_none=True)
    created_at, next_attempt_at = Moment(), Moment(allow_none=True)


@resource.get("/deliveries", rule="delivery.manage", zh="未送达的消息", query=PageQuery, answer=page_of(DeliverySchema),
              en="Events that were given up, oldest first.")
def list_deliveries(query: dict) -> dict:
    return paginated(select(OutboxEvent).where(page._given_up()).order_by(OutboxEvent.id), query)


@resource.post(f"/deliveries/<{ID}:event_id>/retry", rule="delivery.manage", zh="重新发送", answer=DeliverySchema,
               en="Queue an event that was given up once more.")
def retry_delivery(event_id: int) -> OutboxEvent:
    def act() -> OutboxEvent:
        page._retry(event_id)
        return db.session.get_one(OutboxEvent, event_id)

    return unit_of_work(act)
