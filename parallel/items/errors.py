from parallel.errors import ParallelError


class ItemNotFound(ParallelError):
    code = "item_not_found"
    status = 404
    message = "没有找到这一事项。"


class ItemNotOpen(ParallelError):
    code = "item_not_open"
    message = "事项尚未发布或已停用，不能申请。"


class ItemStatusWrong(ParallelError):
    code = "item_status_wrong"
    message = "事项现在的状态不允许这一操作。"


class ItemInvalid(ParallelError):
    code = "item_invalid"
    status = 422
    message = "事项要素填写有误。"


class CodeInvalid(ItemInvalid):
    """`segment` names the part of the code that is wrong."""

    code = "code_invalid"
    message = "编码不正确。"

    def __init__(self, message: str | None = None, *, segment: str, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.segment = segment


class CodeTaken(ItemInvalid):
    code = "code_taken"
    status = 409
    message = "基本编码已被其他事项使用。"


class ProcessNotDeployed(ParallelError):
    code = "process_not_deployed"
    status = 422
    message = "流程尚未部署，不能绑定到事项。"
