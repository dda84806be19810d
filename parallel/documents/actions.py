"""Making 文书: a row with a number of its own and what it says, frozen as it was said."""
from __future__ import annotations

from datetime import date, datetime

from engine.api import CHINA, db
from parallel.cases.models import Application, Case
from parallel.cases.numbers import document_number
from parallel.documents.kinds import KINDS
from parallel.documents.models import Document
from parallel.items.models import ServiceItem

DELIVERY = {"hall": "大厅自领", "courier": "物流递送", "online": "网上送达"}
UNITS = {"WD": "个工作日", "ND": "日"}
DECISIONS = {"approve": "准予许可", "refuse": "不予许可"}


def acceptance_notice(application: Application, materials: list[str], clerk: str, by: str, at: datetime) -> Document:
    """受理通知书 (ACCEPT-5). The day it is issued is 受理日 (指南 C8)."""
    return _document(application, "acceptance", by, at, {
        "case_number": application.number, "accepted_at": moment(at), "department": departments(application),
        "clerk": clerk, "promised_limit": promised(application), "materials": materials,
        "delivery": DELIVERY[application.delivery],
    })


def non_acceptance_notice(application: Application, reason: str, clerk: str, by: str, at: datetime) -> Document:
    """不予受理通知书 (ACCEPT-6; 行政许可法 第三十二条: a dated written notice)."""
    return _document(application, "non_acceptance", by, at, {
        "case_number": application.number, "decided_at": moment(at), "department": departments(application),
        "clerk": clerk, "reason": reason,
    })


def correction_notice(application: Application, due_on: date, clerk: str, by: str, at: datetime) -> Document:
    """补齐补正通知书 (ACCEPT-8; 行政许可法 第三十二条: 一次告知需要补正的全部内容)."""
    return _document(application, "correction", by, at, {
        "case_number": application.number, "received_at": moment(application.submitted_at),
        "department": departments(application), "clerk": clerk, "promised_limit": promised(application),
        "materials": [f"{asked['name']}：{asked['reason']}" for asked in application.corrections],
        "due_on": f"{due_on.year}年{due_on.month}月{due_on.day}日",
    })


def decision_document(case: Case, by: str, at: datetime) -> Document:
    """审批决定书 (行政许可法 第三十八条: reasons, and where to turn, when refused)."""
    reason = case.decision_reason or ""
    if case.decision == "refuse":
        reason += " 如不服本决定，可以依法申请行政复议或者提起行政诉讼。"
    return _document(case.application, "decision", by, at, {
        "case_number": case.number, "item": case.item.name, "applicant": case.application.applicant_name,
        "department": case.item.department.name, "decision": DECISIONS[case.decision], "reason": reason.strip(),
        "result": case.item.result_name if case.decision == "approve" else "", "decided_at": moment(at),
    }, case)


def documents_of(application: Application, case: Case | None = None) -> list[Document]:
    """The papers of an application, or of one of its cases, in order. Index: ix_document_application_id."""
    query = db.select(Document).where(Document.application_id == application.id)
    if case is not None:
        query = query.where(db.or_(Document.case_id == case.id, Document.case_id.is_(None)))
    return list(db.session.scalars(query.order_by(Document.id)))


def _document(
    application: Application, kind: str, by: str, at: datetime, fields: dict, case: Case | None = None
) -> Document:
    document = Document(
        application_id=application.id, case_id=case.id if case else None, kind=kind,
        number=document_number(application.division_code, KINDS[kind].word, at), fields=fields,
        created_by=by, created_at=at,
    )
    db.session.add(document)
    db.session.flush()
    return document


# --- how fields read ----------------------------------------------------------------------------------

def moment(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def departments(application: Application) -> str:
    return "、".join(dict.fromkeys(case.item.department.name for case in application.cases))


def promised(application: Application) -> str:
    """承诺时限 of each item; one that stands for all is said once."""
    limits = {case.item.name: limit_text(case.item) for case in application.cases}
    if len(set(limits.values())) == 1:
        return next(iter(limits.values()))
    return "；".join(f"{name}：{limit}" for name, limit in limits.items())


def limit_text(item: ServiceItem) -> str:
    if item.promised_days is None:
        return "未规定"
    return "即办" if item.promised_days == 0 else f"{item.promised_days}{UNITS[item.promised_unit]}"
