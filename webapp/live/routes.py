"""May this person listen? The event loop asks here and then streams (webapp/asgi.py)."""
from flask import Blueprint, Response, jsonify

from webapp.errors import NotFound
from webapp.policy import may_listen, permit
from webapp.principal import current_principal

blueprint = Blueprint("live", __name__)

TOPICS_AT_MOST = 20


@blueprint.get("/live/<topics>")
@permit("signed_in")
def listen(topics: str) -> Response:
    """`topics`: one or several, separated by commas. One that is not allowed refuses all, like a missing one."""
    names = list(dict.fromkeys(topics.split(",")))
    if len(names) > TOPICS_AT_MOST or not all(may_listen(current_principal(), name) for name in names):
        raise NotFound
    return jsonify(topics=names)
