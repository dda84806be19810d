"""The words of each notice. An SMS leaves the house: it names the item and the number, and nothing personal."""
from __future__ import annotations

from datetime import date

from parallel.cases.models import Application, Case


def title(application: Application) -> str:
    """The application in a few words: its item, or the first of them and how many."""
    names = [case.item.name for case in application.cases]
    return f"“{names[0]}”" if len(names) == 1 else f"“{names[0]}”等 {len(names)} 个事项"


def come_to_hall(application: Application, online: bool) -> str:
    then = "窗口将直接网上受理，无需到场。" if online else "请携带原件到政务服务大厅综合窗口办理。"
    return f"您申请的{title(application)}（{application.number}）已通过预审。{then}"


def accepted(application: Application) -> str:
    return f"您申请的{title(application)}（{application.number}）已受理，可凭编号查询进度。"


def not_accepted(application: Application, reason: str) -> str:
    return f"您申请的{title(application)}（{application.number}）不予受理。原因：{reason}"


def correction(application: Application, count: int, due_on: date) -> str:
    return (f"您申请的{title(application)}（{application.number}）需要补正 {count} 项，"
            f"请在 {due_on.year}年{due_on.month}月{due_on.day}日 前登录平台补正。")


def suspended(case: Case, procedure: str) -> str:
    return f"您的办件“{case.item.name}”（{case.number}）进入特别程序：{procedure}，所需时间不计入办理时限。"


def resumed(case: Case, procedure: str) -> str:
    return f"您的办件“{case.item.name}”（{case.number}）的特别程序“{procedure}”已结束，恢复办理。"


def closed(case: Case) -> str:
    if case.state == "approved":
        return f"您的办件“{case.item.name}”（{case.number}）已办结：准予。结果为《{case.item.result_name}》。"
    return f"您的办件“{case.item.name}”（{case.number}）已办结：不予许可，理由见决定书。"
