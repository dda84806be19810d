"""What can go wrong in the engine. Each message is a sentence its reader may see."""


class EngineError(Exception):
    code = "engine_error"
    status = 409
    message = "流程引擎不能完成这一操作。"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class Conflict(EngineError):
    code = "conflict"
    message = "别人刚刚改动了同一内容，请刷新后重试。"


class NotFound(EngineError):
    code = "not_found"
    status = 404
    message = "没有找到这一内容。"


class TaskNotOpen(EngineError):
    code = "task_not_open"
    message = "这项待办已经办理或已取消。"


class NotYourTask(EngineError):
    code = "not_your_task"
    status = 403
    message = "这项待办不由您办理。"


class ProcessNotFound(NotFound):
    code = "process_not_found"
    message = "没有找到这一流程定义。"


class ProcessNotActive(EngineError):
    code = "process_not_active"
    message = "流程已经结束或已挂起。"


class OperationUnknown(EngineError):
    code = "operation_unknown"
    status = 500
    message = "流程调用了平台没有的操作。"
