"""文书: which fields each kind has, in order, with their names in both languages. `webapp/documents` sets them as PDF."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentKind:
    """`word` stands in its number; `fields` are (key, zh, en) in the order in which they are printed."""

    zh: str
    en: str
    word: str
    fields: tuple[tuple[str, str, str], ...]


_NUMBER = ("case_number", "办件编号", "Case number")
_DEPARTMENT = ("department", "受理部门", "Accepting department")
_CLERK = ("clerk", "窗口人员", "Window clerk")
_LIMIT = ("promised_limit", "承诺时限", "Promised time limit")

KINDS = {
    # ACCEPT-5: seven fields
    "acceptance": DocumentKind("受理通知书", "Notice of acceptance", "受理", (
        _NUMBER, ("accepted_at", "受理时间", "Accepted at"), _DEPARTMENT, _CLERK, _LIMIT,
        ("materials", "受理材料", "Materials accepted"), ("delivery", "送达方式", "Delivery"),
    )),
    # ACCEPT-6: five fields; 受理时间 is the time of the decision (指南 C9)
    "non_acceptance": DocumentKind("不予受理通知书", "Notice of non-acceptance", "不受", (
        _NUMBER, ("decided_at", "受理时间", "Decided at"), _DEPARTMENT, _CLERK,
        ("reason", "不予受理原因", "Reason"),
    )),
    # ACCEPT-8: six fields, and the days to correct: the promised limit counts only from acceptance (指南 C10)
    "correction": DocumentKind("补齐补正通知书", "Notice of correction", "补正", (
        _NUMBER, ("received_at", "受理时间", "Received at"), _DEPARTMENT, _CLERK, _LIMIT,
        ("materials", "需补齐补正材料", "What is to be corrected"), ("due_on", "补正期限", "To be corrected by"),
    )),
    "decision": DocumentKind("审批决定书", "Decision", "决定", (
        _NUMBER, ("item", "事项名称", "Item"), ("applicant", "申请人", "Applicant"),
        ("department", "决定部门", "Deciding department"), ("decision", "决定", "Decision"),
        ("reason", "理由", "Reason"), ("result", "结果名称", "Result"), ("decided_at", "决定时间", "Decided at"),
    )),
}
