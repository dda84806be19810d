"""The designer's room: lists and versions of processes, one version on its drawing, files in and out, binding to items."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext

from bpmn import Element, Finding
from engine.api import (
    ProcessDefinition, ProcessFile, ProcessRefused, db, definition, definition_elements, definition_xml, deploy,
    unit_of_work,
)
from parallel.errors import ParallelError
from parallel.items.actions import bind_process
from parallel.items.models import ServiceItem
from parallel.items.queries import current_items
from webapp import clock
from webapp.designer.checking import CheckedFile, keep, kept
from webapp.designer.versions import bound_items, processes, versions
from webapp.diagrams.board import STEPS, Shown, is_english
from webapp.navigation import Entry
from webapp.errors import NotFound
from webapp.policy import permit
from webapp.principal import current_principal

blueprint = Blueprint("designer", __name__, url_prefix="/designer")

navigation = [Entry(lazy_gettext("流程定义"), "designer.index", "process.deploy", order=20)]

TYPES = {
    "userTask": lazy_gettext("人工环节"), "manualTask": lazy_gettext("线下环节"), "task": lazy_gettext("环节"),
    "serviceTask": lazy_gettext("自动操作"), "scriptTask": lazy_gettext("脚本"), "sendTask": lazy_gettext("发送"),
    "receiveTask": lazy_gettext("接收"), "businessRuleTask": lazy_gettext("规则"), "callActivity": lazy_gettext("调用流程"),
    "subProcess": lazy_gettext("子流程"), "startEvent": lazy_gettext("开始"), "endEvent": lazy_gettext("结束"),
    "boundaryEvent": lazy_gettext("边界事件"), "intermediateCatchEvent": lazy_gettext("等待事件"),
    "intermediateThrowEvent": lazy_gettext("发出事件"), "exclusiveGateway": lazy_gettext("排他网关"),
    "parallelGateway": lazy_gettext("并行网关"), "inclusiveGateway": lazy_gettext("包容网关"),
    "eventBasedGateway": lazy_gettext("事件网关"),
}
ATTRIBUTES = {
    "candidateGroups": lazy_gettext("候选组"), "candidateUsers": lazy_gettext("候选人"), "assignee": lazy_gettext("办理人"),
    "limit": lazy_gettext("时限"), "step": lazy_gettext("环节代码"), "formKey": lazy_gettext("表单"),
    "businessKey": lazy_gettext("业务编号"), "skip": lazy_gettext("跳过条件"), "item": lazy_gettext("事项"),
    "operation": lazy_gettext("操作"), "collection": lazy_gettext("多实例集合"), "elementVariable": lazy_gettext("实例变量"),
    "outputs": lazy_gettext("带回的变量"),
}


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"types": TYPES, "attribute_names": ATTRIBUTES, "is_english": is_english}


# --- lists and versions ---------------------------------------------------------------------------------

@blueprint.get("/")
@permit("process.deploy")
def index() -> str:
    words = request.args.get("q", "").strip()[:100]
    return render_template("designer/index.html", processes=processes(words), q=words)


@blueprint.get("/processes/<key>")
@permit("process.deploy")
def process(key: str) -> str:
    """The newest version, or the one asked for by `?version=`."""
    return _process_page(key)


def _process_page(key: str, errors: dict[str, list[str]] | None = None) -> str:
    found = versions([key])
    if not found:
        raise NotFound
    wanted = request.args.get("version", type=int)
    chosen = next((version for version in found if version.definition.version == wanted), found[0])
    bound = bound_items(key)
    codes = {item.code for item in bound}
    return render_template(
        "designer/process.html", key=key, versions=found, chosen=chosen, elements=_sheets(chosen.definition.id), bound=bound,
        free=[item for item in current_items(None) if item.code not in codes], errors=errors or {},
        deployed=request.args.get("deployed") == "1", item_code=request.form.get("item_code", ""),
    )


@dataclass(frozen=True)
class Sheet:
    """What stands beside the drawing about one element."""

    element: Element

    @property
    def who(self) -> str | None:
        extensions = self.element.extensions
        return "、".join([*extensions.candidate_groups, *extensions.candidate_users]) or None

    @property
    def rows(self) -> list[tuple[Any, str]]:
        return [(ATTRIBUTES.get(name, name), value) for name, value in self.element.attributes.items()]


def _sheets(definition_id: int) -> dict[str, Sheet]:
    """Elements that somebody or something acts at first, the rest behind, each as drawn."""
    elements = definition_elements(definition_id)
    order = sorted(elements, key=lambda key: (not elements[key].attributes, elements[key].type not in STEPS))
    return {key: Sheet(elements[key]) for key in order}


@blueprint.get("/definitions/<int:definition_id>.json")
@permit("process.deploy")
def elements(definition_id: int) -> Response:
    """Who acts where, in the form that a diagram is coloured by."""
    return jsonify(as_of=clock.now().isoformat(), elements=_who_acts(definition_elements(definition_id)))


def _who_acts(drawn: dict[str, Element]) -> dict[str, dict]:
    shown = {}
    for key, element in drawn.items():
        if element.type not in STEPS:
            continue
        sheet = Sheet(element)
        by_people = element.type in ("userTask", "manualTask")
        state = Shown("running" if by_people else "ready" if element.type == "callActivity" else "not_started")
        state.label, state.type = element.name or key, element.type
        state.who = sheet.who if by_people else element.extensions.item
        state.note = "\n".join(f"{name}：{value}" for name, value in sheet.rows) or None
        shown[key] = asdict(state)
    return shown


@blueprint.get("/definitions/<int:definition_id>/file")
@permit("process.deploy")
def download(definition_id: int) -> Response:
    """The file as it was handed in, byte for byte."""
    row: ProcessDefinition = definition(definition_id)
    file = db.session.get_one(ProcessFile, row.file_id)
    return _file(definition_xml(definition_id), file.file_name)


def _file(source: bytes, name: str) -> Response:
    response = Response(source, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


@blueprint.post("/processes/<key>/bind")
@permit("process.deploy")
def bind(key: str) -> Any:
    """绑定事项: new cases of the item run this process; those that run keep theirs (DEPT-3, ITEM-8)."""
    code, by, at = request.form.get("item_code", "").strip(), current_principal().account, clock.now()
    if not code:
        return _process_page(key, {"item_code": [gettext("请选择事项。")]}), 422
    try:
        item: ServiceItem = unit_of_work(lambda: bind_process(code, key, by=by, at=at))
    except ParallelError as refusal:
        return _process_page(key, {"item_code": [gettext(str(refusal))]}), 422
    flash(gettext("已绑定：%(item)s 的新办件按此流程办理，在办件不变。", item=item.name), "success")
    return redirect(url_for("designer.process", key=key))


# --- upload -----------------------------------------------------------------------------------------------

@blueprint.get("/upload")
@permit("process.deploy")
def upload() -> str:
    return render_template("designer/upload.html", errors={})


@blueprint.post("/upload")
@permit("process.deploy")
def hand_in() -> Any:
    """Check one file; `act=deploy` also deploys it when it has no errors."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return render_template("designer/upload.html", errors={"file": [gettext("请选择一份 .bpmn 文件。")]}), 422
    file = keep(given.read(), given.filename)
    if not file.token:
        return _checked_page(file), 422
    if request.form.get("act") == "deploy" and not file.errors:
        return _deployed(file)
    return redirect(url_for("designer.checked", token=file.token))


@blueprint.get("/checked/<token>")
@permit("process.deploy")
def checked(token: str) -> str:
    return _checked_page(kept(token))


def _checked_page(file: CheckedFile) -> str:
    return render_template(
        "designer/checked.html", file=file, drawn=bool(file.token) and file.drawing is not None, said=_said,
    )


@blueprint.post("/checked/<token>/deploy")
@permit("process.deploy")
def deploy_checked(token: str) -> Any:
    file = kept(token)
    if file.errors:
        return redirect(url_for("designer.checked", token=token))
    return _deployed(file)


def _deployed(file: CheckedFile) -> Response:
    by, at = current_principal().account, clock.now()
    try:
        made = unit_of_work(lambda: [
            (row.key, row.version, row.name)
            for row in deploy(file.source, file_name=file.name, by=by, at=at)
        ])
    except ProcessRefused:
        return redirect(url_for("designer.checked", token=file.token))
    for key, version, name in made:
        flash(gettext("已部署：%(name)s（%(key)s）第 %(version)s 版。", name=name, key=key, version=version), "success")
    if warnings := len(file.findings):
        flash(ngettext("文件有 %(num)s 条提醒，不影响运行。", "文件有 %(num)s 条提醒，不影响运行。", warnings), "warning")
    if len(made) == 1:
        return redirect(url_for("designer.process", key=made[0][0], deployed=1))
    return redirect(url_for("designer.index"))


@blueprint.get("/checked/<token>/drawing.xml")
@permit("process.deploy")
def checked_drawing(token: str) -> Response:
    drawing = kept(token).drawing
    if drawing is None:
        raise NotFound
    return Response(drawing, content_type="application/xml; charset=utf-8")


@blueprint.get("/checked/<token>/findings.json")
@permit("process.deploy")
def checked_findings(token: str) -> Response:
    """The findings in the form that a diagram is coloured by."""
    file = kept(token)
    shown = {}
    for element_id, findings in file.by_element().items():
        state = Shown("overdue" if any(finding.is_error for finding in findings) else "due_soon", count=len(findings))
        state.count = 1
        state.label = findings[0].element_name or element_id
        state.note = "\n".join(" ".join(part for part in _said(finding) if part) for finding in findings)
        shown[element_id] = asdict(state)
    return jsonify(as_of=clock.now().isoformat(), elements=shown)


@blueprint.get("/checked/<token>/file")
@permit("process.deploy")
def checked_file(token: str) -> Response:
    file = kept(token)
    return _file(file.source, file.name)


def _said(finding: Finding) -> tuple[str, str]:
    """What is wrong and what to do, in the reader's language."""
    if is_english():
        return finding.message_en, finding.advice_en
    return finding.message_zh, finding.advice_zh
