from __future__ import annotations

from pathlib import PurePath

from flask import Response, request
from flask_babel import lazy_gettext
from sqlalchemy import func, select
from werkzeug.exceptions import UnsupportedMediaType

from engine import api as engine
from engine.api import ProcessDefinition, ProcessInstance
from engine.db import db, unit_of_work
from webapp import clock
from webapp.api.resource import ID, Invalid, Resource
from webapp.api.values import Answer, Flag, Mapping, Moment, Query, Several, Text, Whole, list_of, part
from webapp.designer.checking import CheckedFile
from webapp.diagrams.board import board
from webapp.diagrams.planes import drawing_of
from webapp.policy import require
from webapp.principal import current_principal

resource = Resource("processes", "流程 Processes", "流程定义的部署和版本，运行中的流程图。Definitions and diagrams.")

INSTANCE = "/processes/<string(minlength=1, maxlength=32):instance_id>"
KEY = "string(minlength=1, maxlength=120)"
XML_TYPES = ("application/xml", "text/xml", "application/bpmn+xml")
FILE = {
    "required": True,
    "content": {
        **{name: {"schema": {"type": "string"}} for name in XML_TYPES},
        "multipart/form-data": {"schema": {
            "type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}},
        }},
    },
}


class DefinitionSchema(Answer):
    id, key, version, name = Whole(), Text(), Whole(), Text()
    file_name, deployed_at = Text(attribute="file.file_name"), Moment(attribute="file.deployed_at")
    deployed_by, sha256 = Text(attribute="file.deployed_by"), Text(attribute="file.sha256")


class FindingSchema(Answer):
    severity, code, element_id, element_name, line = Text(), Text(), Text(), Text(), Whole()
    message_zh, message_en, advice_zh, advice_en = Text(), Text(), Text(), Text()


class CheckSchema(Answer):
    deployable, findings = Flag(), Several(part(FindingSchema))


class DiagramElementSchema(Answer):
    """How one element of a drawing stands."""

    state, type, label, who, department = (
        Text(), Text(), Text(allow_none=True), Text(allow_none=True), Text(allow_none=True))
    since, until, note, step, light = (Text(allow_none=True) for _ in range(5))
    elapsed, limit, days_left, count = Whole(allow_none=True), Whole(allow_none=True), Whole(allow_none=True), Whole()
    due = Text(allow_none=True)
    cases, waits_for = Several(Whole()), Several(Text())


class DiagramSchema(Answer):
    """流程图的状态. The elements of a running process by their ids."""

    as_of, instance, status = Text(), Text(), Text()
    elements = Mapping(keys=Text(), values=part(DiagramElementSchema))


class DiagramQuery(Query):
    at = Moment(metadata={"description": "回放到这一时刻。As it stood at this moment."})


# --- definitions ---------------------------------------------------------------------------------------------------

@resource.get("/process-definitions", rule="process.read", zh="流程定义列表", answer=list_of(DefinitionSchema),
              en="The newest version of every process.")
def list_definitions() -> dict:
    newest = select(func.max(ProcessDefinition.id)).group_by(ProcessDefinition.key)
    found = select(ProcessDefinition).where(ProcessDefinition.id.in_(newest)).order_by(ProcessDefinition.key)
    return {"data": db.session.scalars(found).all()}


@resource.get(f"/process-definitions/<{KEY}:key>/versions", rule="process.read", zh="流程的各个版本",
              answer=list_of(DefinitionSchema), en="Every version of a process, newest first.")
def list_definition_versions(key: str) -> dict:
    found = engine.definitions(key)
    if not found:
        raise engine.ProcessNotFound
    return {"data": found}


@resource.get(f"/process-definitions/<{ID}:definition_id>", rule="process.read", zh="流程定义", answer=DefinitionSchema,
              en="One version of a process.")
def read_definition(definition_id: int) -> ProcessDefinition:
    return engine.definition(definition_id)


@resource.get(f"/process-definitions/<{ID}:definition_id>/xml", rule="process.read", zh="流程文件",
              media_type="application/xml", en="The BPMN file as it was uploaded.")
def read_definition_xml(definition_id: int) -> Response:
    return Response(engine.definition_xml(definition_id), mimetype="application/xml")


@resource.post("/process-definitions", rule="process.deploy", zh="部署流程", answer=list_of(DefinitionSchema),
               creates=True, sends=FILE, errors=(413, 415),
               en="Deploy a BPMN file, as XML or in a form; what is wrong with it is listed by element and line.")
def deploy_definition() -> dict:
    name, source = _sent_file()
    return {"data": unit_of_work(lambda: engine.deploy(
        source, file_name=name, by=current_principal().account, at=clock.now()
    ))}


@resource.post("/process-definitions/check", rule="process.deploy", zh="检查流程文件", answer=CheckSchema, sends=FILE,
               errors=(413, 415), en="What would be said of a BPMN file, without deploying it.")
def check_definition() -> dict:
    name, source = _sent_file()
    checked = CheckedFile(source, name, "")
    return {"deployable": not checked.errors, "findings": checked.findings}


def _sent_file() -> tuple[str, bytes]:
    if request.mimetype in XML_TYPES:
        return f"{current_principal().account.partition(':')[2]}.bpmn", request.get_data()
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid({"file": [str(lazy_gettext("请附上文件。"))]})
    return PurePath(sent.filename.replace("\\", "/")).name[-200:], sent.read()


# --- what runs ------------------------------------------------------------------------------------------------------

@resource.get(f"{INSTANCE}/diagram", rule="instance.read", zh="流程图状态", query=DiagramQuery, answer=DiagramSchema,
              en="How every element of a running process stands, or stood at a moment.")
def read_diagram(instance_id: str, query: dict) -> dict:
    _instance(instance_id)
    moment = query.get("at")
    return board(instance_id, moment or clock.now(), replay=moment is not None).as_json()


@resource.get(f"{INSTANCE}/xml", rule="instance.read", zh="流程图", media_type="application/xml",
              en="The drawing of a running process.")
def read_diagram_xml(instance_id: str) -> Response:
    found = _instance(instance_id)
    key = engine.definition(found.definition_id).key
    return Response(drawing_of(engine.definition_xml(found.definition_id), key), mimetype="application/xml")


def _instance(instance_id: str) -> ProcessInstance:
    return require("instance.read", db.session.get(ProcessInstance, instance_id))

