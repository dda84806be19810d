from __future__ import annotations

from flask import Response

from engine.db import db
from parallel.cases.models import Application
from parallel.cases.queries import public_tracking
from parallel.documents.models import Document
from parallel.materials.models import Material
from parallel.materials.queries import versions_of
from webapp.api.resource import ID, Resource
from webapp.api.resources.applications import DocumentSchema, MaterialSchema
from webapp.api.values import Answer, Day, Moment, Part, Several, Text, list_of, part
from webapp.documents.papers_of import document_pdf
from webapp.materials.routes import answer_file
from webapp.policy import allows, require
from webapp.portal.tracking import TRACKING_RATE
from webapp.security import limiter

resource = Resource("papers", "材料、文书、进度 Materials, documents, tracking", "材料和文书的内容，凭编号查进度。Files, papers, progress by number.")


class PublicStepSchema(Answer):
    name, state, since, until = Text(), Text(), Moment(), Moment(allow_none=True)


class PartTrackingSchema(Answer):
    number, state, state_zh, state_en = Text(), Text(), Text(), Text()
    submitted_at, accepted_at = Moment(allow_none=True), Moment(allow_none=True)
    promised_on, ended_at = Day(allow_none=True), Moment(allow_none=True)
    steps = Several(part(PublicStepSchema))


class TrackingSchema(PartTrackingSchema):
    """办理进度. State and times, nothing personal."""

    parts = Several(Part(PartTrackingSchema))


@resource.get("/tracking/<string(minlength=1, maxlength=60):number>", rule="public", zh="凭编号查进度", errors=(429,),
              answer=TrackingSchema, en="Progress by number, without signing in; one answer to every wrong number.")
@limiter.limit(TRACKING_RATE)
def track(number: str) -> object:
    return public_tracking(number)


@resource.get(f"/documents/<{ID}:document_id>", rule="document.read", zh="文书", answer=DocumentSchema,
              en="What a paper says.")
def read_document(document_id: int) -> Document:
    return require("document.read", db.session.get(Document, document_id))


@resource.get(f"/documents/<{ID}:document_id>/pdf", rule="document.read", zh="文书 PDF", media_type="application/pdf",
              en="The paper as PDF.")
def read_document_pdf(document_id: int) -> Response:
    found = require("document.read", db.session.get(Document, document_id))
    return Response(document_pdf(found), mimetype="application/pdf")


@resource.get(f"/materials/<{ID}:material_id>", rule="material.read", zh="材料", answer=MaterialSchema,
              en="What is known of a material.")
def read_material(material_id: int) -> Material:
    return require("material.read", db.session.get(Material, material_id))


@resource.get(f"/materials/<{ID}:material_id>/versions", rule="material.read", zh="材料的各个版本",
              answer=list_of(MaterialSchema), en="Every version under the same key, oldest first.")
def list_material_versions(material_id: int) -> dict:
    found = require("material.read", db.session.get(Material, material_id))
    return {"data": [each for each in versions_of(_application(found), found.key) if allows("material.read", each)]}


def _application(material: Material) -> Application:
    return db.session.get_one(Application, material.application_id)


@resource.get(f"/materials/<{ID}:material_id>/file", rule="material.read", zh="下载材料", media_type="application/octet-stream",
              en="The file itself, always as an attachment; each download is recorded.")
def download_material_file(material_id: int) -> Response:
    return answer_file(material_id, download=True)
