"""The files that people handed in: to look at, and to download. Every room's pages link here."""
from __future__ import annotations

from flask import Blueprint, Response

from engine.api import unit_of_work
from engine.db import db
from parallel.materials.models import Material
from webapp import clock
from webapp.errors import NotFound
from webapp.materials import files
from webapp.policy import permit, require
from webapp.principal import current_principal

blueprint = Blueprint("materials", __name__)


@blueprint.get("/materials/<int:material_id>")
@permit("material.read")
def view(material_id: int) -> Response:
    """A PDF or a picture to look at beside the form; anything else as a download."""
    return answer_file(material_id, download=False)


@blueprint.get("/materials/<int:material_id>/download")
@permit("material.read")
def download(material_id: int) -> Response:
    return answer_file(material_id, download=True)


def answer_file(material_id: int, *, download: bool) -> Response:
    """The file of a material that the person may read, noted as looked at or downloaded (EDOC-4)."""
    found = require("material.read", db.session.get(Material, material_id))
    if found.file is None:
        raise NotFound
    response = files.answer(found, download=download)
    by, at = current_principal().account, clock.now()
    unit_of_work(lambda: files.note_access(found, download=download, by=by, at=at))
    return response
