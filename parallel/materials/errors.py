from __future__ import annotations

from parallel.errors import ParallelError


class UploadRefused(ParallelError):
    """`reasons` are sentences, one for each thing that is wrong with the file (EDOC-2)."""

    code = "upload_refused"
    status = 422

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("".join(reasons))
        self.reasons = reasons


class MaterialUnknown(ParallelError):
    code = "material_unknown"
    status = 404
    message = "这份申请没有要求这一材料。"


class MaterialNotAsked(ParallelError):
    """能通过共享获取的，不得要求重复提交 (发改投资〔2019〕268号)."""

    code = "material_not_asked"
    message = "这一材料由平台共享或由部门提供，不需要您提交。"


class MaterialNotFound(ParallelError):
    code = "material_not_found"
    status = 404
    message = "没有找到这份材料。"


class MaterialInUse(ParallelError):
    code = "material_in_use"
    message = "补正期间可以重新提交材料，不能删除已提交的材料。"
