from parallel.errors import ParallelError


class ProjectInvalid(ParallelError):
    """`errors` holds one sentence a field."""

    code = "project_invalid"
    status = 422
    message = "项目信息填写有误。"

    def __init__(self, message: str | None = None, *, field: str | None = None,
                 errors: dict[str, str] | None = None) -> None:
        super().__init__(message or (next(iter(errors.values())) if errors else None), field=field)
        self.errors = errors or ({field: str(self)} if field else {})


class ProjectCodeInvalid(ProjectInvalid):
    code = "project_code_invalid"
    message = "项目代码不正确。"


class ProjectCodeTaken(ProjectInvalid):
    code = "project_code_taken"
    status = 409
    message = "这个项目代码已经登记过。"


class ProjectNotFound(ParallelError):
    code = "project_not_found"
    status = 404
    message = "没有找到这一项目。"


class AttributesInUse(ParallelError):
    code = "attributes_in_use"
    message = "修改后，已申报的事项将不再适用，请先撤回相关申请。"


class StageNotFound(ParallelError):
    code = "stage_not_found"
    status = 404
    message = "项目没有这一阶段。"


class StageNotOpen(ParallelError):
    code = "stage_not_open"
    message = "前一阶段尚未完成，这一阶段还不能申报。"


class StageMayNotOpenEarly(ParallelError):
    code = "stage_may_not_open_early"
    message = "平台没有允许提前申报后一阶段。"
