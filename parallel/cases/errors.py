"""What the law does not let happen to an application or a case."""
from __future__ import annotations

from parallel.errors import ParallelError


class ApplicationNotFound(ParallelError):
    code = "application_not_found"
    status = 404
    message = "没有找到这份申请。"


class CaseNotFound(ParallelError):
    code = "case_not_found"
    status = 404
    message = "没有找到这个办件。"


class TrackingNotFound(ParallelError):
    """One answer for every number that leads nowhere, so that numbers cannot be guessed by their answers (TRACK-2)."""

    code = "tracking_not_found"
    status = 404
    message = "未找到该编号的办件，请核对编号。"


class IllegalAct(ParallelError):
    code = "illegal_act"
    message = "现在的状态不允许这一操作。"


class NotEditable(ParallelError):
    """While correcting only what the window pointed out may be changed (PORTAL-APPLY-5)."""

    code = "not_editable"
    message = "补正期间只能修改补正通知书所列的材料和信息。"


class NoItemsChosen(ParallelError):
    code = "no_items_chosen"
    status = 422
    message = "请至少选择一个事项。"


class ItemsNotTogether(ParallelError):
    code = "items_not_together"
    status = 422
    message = "这些事项不能在一份申请中办理。"


class ProjectCodeMissing(ParallelError):
    """无码不受理 (PARALLEL-INV-11)."""

    code = "project_code_missing"
    status = 422
    message = "投资项目审批事项须凭项目统一代码申请，请先登记项目并取得代码。"


class NotYourProject(ParallelError):
    code = "not_your_project"
    status = 403
    message = "这不是您的项目，不能为它提出申请。"


class NotApplicable(ParallelError):
    code = "not_applicable"
    status = 422
    message = "按项目情形，这一事项不需要办理。"


class AlreadyFiled(ParallelError):
    code = "already_filed"
    message = "本项目的这一事项已经在办或已经办结，不用重复申请。"


class PrerequisiteMissing(ParallelError):
    code = "prerequisite_missing"
    message = "前置事项尚未办结，现在还不能申请。"


class ProcessNotBound(ParallelError):
    """流程与清单绑定 (ITEM-8)."""

    code = "process_not_bound"
    message = "事项还没有可用的审批流程，不能申请。"


class MaterialsMissing(ParallelError):
    """`missing` lists the names of required materials that are not there (ACCEPT-2)."""

    code = "materials_missing"
    status = 422

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"还缺必要材料：{'、'.join(missing)}。")
        self.missing = missing


class FormIncomplete(ParallelError):
    """`fields` maps the key of each field at fault to a sentence."""

    code = "form_incomplete"
    status = 422

    def __init__(self, fields: dict[str, str]) -> None:
        first = next(iter(fields))
        super().__init__("表单尚未填写完整：" + "".join(fields.values()), field=first)
        self.fields = fields


class NotTolerable(ParallelError):
    """只有标明“可容缺”的材料才可缺 (PARALLEL-INV-10)."""

    code = "not_tolerable"
    status = 422
    message = "这一材料不可容缺。"


class ToleratedMaterialDue(ParallelError):
    """办结前必须补齐 (PARALLEL-INV-10)."""

    code = "tolerated_material_due"
    message = "容缺受理的材料还没有补齐，不能办结。"


class ReviewPointsOpen(ParallelError):
    """要点未逐项勾核，不能受理 (ACCEPT-7). `open_points` maps a material's name to the points not ticked."""

    code = "review_points_open"
    status = 422

    def __init__(self, open_points: dict[str, list[str]]) -> None:
        super().__init__(f"审查要点须逐项勾核，还有未勾核的材料：{'、'.join(open_points)}。")
        self.open_points = open_points


class ReviewPointUnknown(ParallelError):
    code = "review_point_unknown"
    status = 422
    message = "没有这一审查要点。"


class ReasonMissing(ParallelError):
    code = "reason_missing"
    status = 422
    message = "须写明理由。"


class CorrectionsMissing(ParallelError):
    code = "corrections_missing"
    status = 422
    message = "须指明需要补正的材料或信息，并逐项写明理由。"


class CorrectionNotDone(ParallelError):
    """`missing` lists what the notice asked for and has not come."""

    code = "correction_not_done"
    status = 422

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"还没有补正：{'、'.join(missing)}。")
        self.missing = missing


class TextTooLong(ParallelError):
    code = "text_too_long"
    status = 422
    message = "文字过长。"


class LicenceNumberTaken(ParallelError):
    code = "licence_number_taken"
    message = "这个证照编号已经用过。"


class OutcomeUnknown(ParallelError):
    code = "outcome_unknown"
    status = 422
    message = "没有这种办理结果。"


class WrongStep(ParallelError):
    code = "wrong_step"
    message = "这项待办不是这一步骤。"


class ProcedureUnknown(ParallelError):
    code = "procedure_unknown"
    status = 422
    message = "没有这种特别程序。"


class ResultMissing(ParallelError):
    """未填结果不能恢复 (SPECIAL-2)."""

    code = "result_missing"
    status = 422
    message = "须填写特别程序的结果，才能恢复办理。"
