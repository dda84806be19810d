"""The state machine of applications and cases (指南 A1) as data: state → act → state.

Every action moves through `move`; what the tables do not list is refused. Beside the tables stand the words for
each state in both languages and what the applicant must do now (PORTAL-APPLY-4).
"""
from __future__ import annotations

from dataclasses import dataclass

from parallel.cases.errors import IllegalAct
from parallel.cases.models import Application, Case

EDITABLE = frozenset({"draft", "correcting"})
AT_WINDOW = frozenset({"submitted", "pre_accepted"})

APPLICATION: dict[str, dict[str, str]] = {
    "draft": {"edit": "draft", "submit": "submitted", "withdraw": "withdrawn"},
    "submitted": {
        "tick": "submitted", "pre_accept": "pre_accepted", "accept": "accepted", "request_correction": "correcting",
        "refuse_acceptance": "not_accepted", "withdraw": "withdrawn",
    },
    "pre_accepted": {
        "tick": "pre_accepted", "accept": "accepted", "request_correction": "correcting",
        "refuse_acceptance": "not_accepted", "withdraw": "withdrawn",
    },
    "correcting": {
        "edit": "correcting", "submit_correction": "submitted", "lapse": "not_accepted", "withdraw": "withdrawn",
    },
    "accepted": {"close": "closed", "withdraw": "withdrawn"},
}

CASE: dict[str, dict[str, str]] = {
    "draft": {"submit": "submitted", "withdraw": "withdrawn"},
    "submitted": {
        "accept": "accepted", "wait": "waiting", "refuse_acceptance": "not_accepted", "withdraw": "withdrawn",
    },
    "waiting": {"start": "in_review", "withdraw": "withdrawn"},
    "accepted": {"start": "in_review", "withdraw": "withdrawn"},
    "in_review": {
        "review": "in_review", "suspend": "suspended", "decide": "decided", "issue": "in_review",
        "approve": "approved", "refuse": "refused", "withdraw": "withdrawn",
    },
    "suspended": {"review": "suspended", "resume": "in_review", "withdraw": "withdrawn"},
    "decided": {"issue": "decided", "approve": "approved", "refuse": "refused", "withdraw": "withdrawn"},
}

CASE_ENDED = frozenset({"approved", "refused", "not_accepted", "withdrawn", "terminated"})
APPLICATION_ENDED = frozenset({"not_accepted", "withdrawn", "closed"})

ACTS = {
    "edit": "修改", "submit": "提交", "withdraw": "撤回", "tick": "勾核审查要点", "pre_accept": "预受理", "accept": "受理",
    "wait": "受理", "request_correction": "要求补正", "submit_correction": "提交补正", "refuse_acceptance": "不予受理",
    "lapse": "逾期退件", "close": "办结", "start": "开始审查", "review": "审查", "suspend": "启动特别程序", "resume": "结束特别程序",
    "decide": "作出决定", "issue": "送达结果", "approve": "办结", "refuse": "办结",
}


@dataclass(frozen=True)
class StateText:
    """A state in words, and 下一步: what the applicant must do now. `waits_for_applicant` marks the states that need it."""

    zh: str
    en: str
    next_zh: str
    next_en: str
    waits_for_applicant: bool = False


APPLICATION_TEXTS: dict[str, StateText] = {
    "draft": StateText("草稿", "Draft", "填写表单、提交材料，然后提交申请。",
                       "Fill in the form, hand in the materials and submit the application.", True),
    "submitted": StateText("待预审", "Submitted", "请等待窗口预审，暂时不用做什么。",
                           "Wait for the window's pre-review. You do not need to do anything now."),
    "pre_accepted": StateText("预受理", "Pre-accepted", "预审已通过，请按通知到大厅窗口，或等待网上受理。",
                              "Pre-review passed. Come to the hall as the notice says, or wait for acceptance online.", True),
    "correcting": StateText("补齐补正", "Correction needed", "请按补正通知书补齐所列材料和信息，然后提交补正。",
                            "Complete what the correction notice lists, then submit the correction.", True),
    "accepted": StateText("已受理", "Accepted", "正在审批，暂时不用做什么。", "Under review. You do not need to do anything now."),
    "not_accepted": StateText("不予受理", "Not accepted", "请查看不予受理的原因；原因消除后可以重新申请。",
                              "See the reasons. You can apply again when they no longer hold."),
    "withdrawn": StateText("已撤回", "Withdrawn", "申请已撤回，需要时可以重新申请。",
                           "Withdrawn. You can apply again."),
    "closed": StateText("办结", "Closed", "请查看并领取办理结果。", "View and collect the results."),
}

CASE_TEXTS: dict[str, StateText] = {
    "draft": APPLICATION_TEXTS["draft"],
    "submitted": APPLICATION_TEXTS["submitted"],
    "waiting": StateText("等待前置结果", "Waiting for an earlier result",
                         "前面的事项办结后自动开始审查，办理时限从那时起算，暂时不用做什么。",
                         "Review starts by itself when the earlier result is there. The time limit runs from then."),
    "accepted": APPLICATION_TEXTS["accepted"],
    "in_review": StateText("审查中", "In review", "正在审查，暂时不用做什么。", "Under review. You do not need to do anything now."),
    "suspended": StateText("挂起", "Suspended", "正在进行特别程序，时限暂停计算；请配合部门的通知。",
                           "A special procedure is under way and the clock is stopped. Follow the department's notice."),
    "decided": StateText("已决定", "Decided", "决定已作出，正在制作和送达结果。",
                         "The decision has been made. The result is being issued."),
    "approved": StateText("办结（准予许可）", "Approved", "请领取结果，并对服务作出评价。",
                          "Collect the result and rate the service."),
    "refused": StateText("办结（不予许可）", "Refused",
                         "请查看理由；不服决定的，可以依法申请行政复议或者提起行政诉讼。",
                         "See the reasons. You can ask for administrative review or go to court."),
    "not_accepted": APPLICATION_TEXTS["not_accepted"],
    "withdrawn": APPLICATION_TEXTS["withdrawn"],
    "terminated": StateText("中止", "Terminated", "办理已中止，请查看原因。", "Terminated. See the reason."),
}


def move(subject: Application | Case, act: str) -> str:
    """Take a subject to the state an act leads to, and return the state it was in.

    Raises:
        IllegalAct: the state of the subject does not allow the act.
    """
    before = subject.state
    check(subject, act)
    subject.state = _table(subject)[before][act]
    return before


def check(subject: Application | Case, act: str) -> None:
    """Refuse an act that the subject's state does not allow. Raises IllegalAct."""
    if not allows(subject, act):
        raise IllegalAct(f"“{text_of(subject).zh}”的{_name(subject)}不能{ACTS[act]}。")


def allows(subject: Application | Case, act: str) -> bool:
    return act in _table(subject).get(subject.state, {})


def text_of(subject: Application | Case) -> StateText:
    texts = APPLICATION_TEXTS if isinstance(subject, Application) else CASE_TEXTS
    return texts[subject.state]


def _table(subject: Application | Case) -> dict[str, dict[str, str]]:
    return APPLICATION if isinstance(subject, Application) else CASE


def _name(subject: Application | Case) -> str:
    return "申请" if isinstance(subject, Application) else "办件"
