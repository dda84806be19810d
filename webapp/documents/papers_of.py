"""What each paper says: from the rows that were frozen when it was made to what its template sets."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from engine.db import db
from parallel.cases.models import Application, Case, Licence
from parallel.documents.kinds import KINDS
from parallel.documents.models import Document
from parallel.items.models import Division
from parallel.projects.models import Project
from parallel.projects.notice import SUPPLIER_NAMES, Notice, NoticedMaterial
from parallel.projects.templates import stage_name
from engine.api import CHINA
from webapp.config import config
from webapp.documents.typesetting import qr_code, set_paper
from webapp.portal.words import is_english, item_limit, name_of, pick

# The papers themselves are Chinese: the law's words, not the screen's. English stands below as a help.
OPENINGS = {
    "acceptance": "您提交的申请材料齐全、符合法定形式，依据《中华人民共和国行政许可法》第三十二条第一款第（五）项，现予受理。",
    "non_acceptance": "您提出的申请，依据《中华人民共和国行政许可法》第三十二条，决定不予受理。",
    "correction": "您提交的申请材料不齐全或者不符合法定形式，依据《中华人民共和国行政许可法》第三十二条第一款第（四）项，"
                  "现一次性告知需要补齐补正的全部内容。",
    "decision": "您提出的申请，经审查，依据《中华人民共和国行政许可法》第三十八条，作出如下决定。",
}
CLOSINGS = {
    "acceptance": ["办理时限自受理之日的次日起计算，依法需要听证、检验、检测、鉴定、专家评审等的时间不计入。"],
    "non_acceptance": ["如不服本决定，可以自收到本通知书之日起六十日内依法申请行政复议，或者在六个月内依法提起行政诉讼。"],
    "correction": ["请登录平台或到窗口按期补齐补正，办件编号不变，不用重新申请；补齐补正前不计入办理时限。"],
    "decision": [],
}
CENTRE = "政务服务中心"


def document_pdf(document: Document) -> bytes:
    """The PDF of a paper. What it says was fixed when it was made; only the code and the look are added."""
    application = db.session.get_one(Application, document.application_id)
    kind = KINDS[document.kind]
    place = _place(application.division_code)
    issuer = document.fields["department"] if document.kind == "decision" else f"{place}{CENTRE}综合窗口"
    return set_paper("notice", {
        **_common(issuer, document.created_at), "head": issuer if document.kind == "decision" else f"{place}{CENTRE}",
        "title": kind.zh, "title_en": kind.en, "number": document.number,
        "qr": qr_code(verify_address(document.fields["case_number"])), "qr_says": "扫码查看办理进度",
        "addressee": application.applicant_name, "opening": OPENINGS[document.kind],
        "fields": [
            {"zh": zh, "en": en, "value": document.fields.get(key, "")} for key, zh, en in kind.fields
            if document.fields.get(key) or document.kind != "decision"
        ],
        "closing": CLOSINGS[document.kind],
    }, document.created_at)


def licence_pdf(licence: Licence) -> bytes:
    case = db.session.get_one(Case, licence.case_id)
    project = db.session.get(Project, licence.project_id) if licence.project_id else None
    body, department = case.item.body["result"], case.item.department
    fields = [("证照名称", "Licence", licence.name), ("编号", "Number", licence.number), ("持有人", "Holder", licence.holder)]
    if project is not None:
        fields += [("项目名称", "Project", project.name), ("项目代码", "Project code", project.code)]
    fields += [
        ("事项名称", "Item", case.item.name), ("办件编号", "Case number", case.number),
        ("有效期", "Validity", body.get("validity") or ""), ("发证日期", "Issued on", _day(licence.issued_at)),
    ]
    return set_paper("licence", {
        **_common(department.name, licence.issued_at), "head": None, "title": licence.name,
        "title_en": case.item.name_en, "number": "", "licence_number": licence.number,
        "qr": qr_code(verify_address(case.number)), "qr_says": "扫码核验",
        "opening": f"经审查，准予{licence.holder}的申请，核发本{body.get('kind') or '证'}。",
        "fields": [{"zh": zh, "en": en, "value": value} for zh, en, value in fields if value], "closing": [],
    }, licence.issued_at)


def verify_address(number: str) -> str:
    """The public page behind the code on a paper."""
    return config().public_url + url_for("documents.verify", number=number)


def _common(issuer: str, at: datetime) -> dict[str, Any]:
    return {
        "english": is_english(), "issuer": issuer, "date": _day(at), "seal_note": "行政审批专用章",
        "footer": "本文书由并联审批平台依办理记录生成，扫码可核验",
    }


def _day(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日"


def _place(division_code: str) -> str:
    division = db.session.get(Division, division_code)
    return division.name if division else ""


# --- one-form notice --------------------------------------------------------------------------------------

def one_form_notice_pdf(project: Project, notice: Notice, at: datetime) -> bytes:
    """事项及材料一单告知 of a project, in the reader's language."""
    place = _place(project.division_code)
    return set_paper("one_form_notice", {
        **_common(f"{place}{CENTRE}", at), "english": False, "head": None,
        "title": gettext("事项及材料一单告知"), "title_en": "", "number": project.code, "qr": None, "qr_says": "",
        "seal_note": gettext("告知专用"),
        "footer": gettext("本告知单按登记的项目情形生成，情形改变时请重新生成"),
        "fields": [
            {"zh": gettext("项目名称"), "en": "", "value": project.name},
            {"zh": gettext("项目代码"), "en": "", "value": project.code},
            {"zh": gettext("建设单位"), "en": "", "value": f"{project.organisation}（{project.organisation_code}）"},
        ],
        "summary": counts_sentence(notice),
        "item_heads": ["", gettext("事项"), gettext("部门"), gettext("承诺时限"), gettext("办理结果")],
        "stages": [
            {"title": pick(*stage_name(number)), "items": [
                {"place": str(place), "name": name_of(item), "department": name_of(item.department),
                 "days": item_limit(item), "waits": item.result_name}
                for place, item in enumerate(items, 1)
            ]} for number, items in items_by_stage(notice)
        ],
        "materials_title": gettext("材料（每份只交一次）"),
        "material_heads": ["", gettext("材料"), gettext("由谁提供"), gettext("用于事项")],
        "materials": [
            {"place": str(place), "name": material.name, "source": supplied_by(material),
             "used": pick("、", ", ").join(dict.fromkeys(name_of(use.item) for use in material.uses))}
            for place, material in enumerate(notice.materials, 1)
        ],
        "closing": [],
    }, at)


def counts_sentence(notice: Notice) -> str:
    return gettext(
        "共 %(items)s 个事项，要求材料 %(asked)s 份，合并后 %(once)s 份，其中需要您提交 %(mine)s 份。",
        items=len(notice.items), asked=notice.asked, once=notice.once, mine=len(notice.to_hand_in),
    )


def items_by_stage(notice: Notice) -> list[tuple[int, list]]:
    stages: dict[int, list] = {}
    for item in notice.items:
        stages.setdefault(item.stage, []).append(item)
    return sorted(stages.items())


def supplied_by(material: NoticedMaterial) -> str:
    """Who brings a material; for a result, the item that makes it."""
    if material.results_of:
        names = " / ".join(name_of(item) for item in material.results_of)
        return gettext("来自前序结果：%(name)s", name=names)
    return pick(*SUPPLIER_NAMES[material.supplier])


