"""Papers as PDF, for whoever may read them, and the page behind the code on each, for anybody."""
from __future__ import annotations

from flask import Blueprint, Response, render_template

from engine.db import db
from parallel.cases.models import Licence
from parallel.cases.queries import public_tracking
from parallel.documents.models import Document
from webapp.documents.papers_of import document_pdf, licence_pdf
from webapp.policy import permit, require
from webapp.portal.tracking import TRACKING_RATE, tracked_page
from webapp.security import limiter

blueprint = Blueprint("documents", __name__)


@blueprint.get("/documents/<int:document_id>.pdf")
@permit("document.read")
def pdf(document_id: int) -> Response:
    document = require("document.read", db.session.get(Document, document_id))
    return _shown(document_pdf(document), f"{document.kind}-{document.id}")


@blueprint.get("/licences/<int:licence_id>.pdf")
@permit("licence.read")
def licence(licence_id: int) -> Response:
    found = require("licence.read", db.session.get(Licence, licence_id))
    return _shown(licence_pdf(found), f"licence-{found.id}")


@blueprint.get("/verify/<number>")
@permit("public")
@limiter.limit(TRACKING_RATE)
def verify(number: str) -> str:
    """What stands behind the code on a paper: that the number is real, and how its case stands."""
    return render_template("documents/verify.html", **tracked_page(public_tracking(number)))


def _shown(content: bytes, name: str) -> Response:
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})
