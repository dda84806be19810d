from __future__ import annotations

from datetime import datetime

from engine.api import db
from parallel.cases.editing import may_hand_in
from parallel.cases.errors import NotEditable
from parallel.cases.events import tell_application
from parallel.cases.loading import hold
from parallel.cases.models import Application
from parallel.cases.states import check
from parallel.materials.actions import UploadedFile, distribute, store_version
from parallel.materials.asked import AskedMaterial
from parallel.materials.errors import MaterialNotAsked, MaterialUnknown
from parallel.materials.models import Material
from parallel.materials.queries import asked_materials


def hand_in_material(application: Application, key: str, file: UploadedFile, by: str, at: datetime) -> Material:
    """提交材料 under the key of what is asked for. A new version keeps the old one; ticks of it are taken back.

    Raises:
        IllegalAct, NotEditable: the application is not being drafted, or the correction does not ask for this
        (PORTAL-APPLY-5). MaterialUnknown, MaterialNotAsked.
    """
    hold(application)
    if application.state != "accepted":
        check(application, "edit")
    if not may_hand_in(application, key):
        raise NotEditable
    material = store_version(application, _asked(application, key), file, by, at)
    application.checks = {each: points for each, points in application.checks.items() if each != key}
    if application.state == "accepted":
        distribute(application)
    db.session.flush()
    detail = {"key": key, "version": material.version, "sha256": file.sha256, "name": file.name}
    tell_application("MaterialHandedIn", application, by=by, at=at, **detail)
    return material


def _asked(application: Application, key: str) -> AskedMaterial:
    found = next((entry for entry in asked_materials(application) if entry.key == key), None)
    if found is None:
        raise MaterialUnknown
    if not found.is_uploaded:
        raise MaterialNotAsked(f"“{found.name}”由平台共享、在线填写或由部门提供，不需要您提交。")
    return found
