"""What can go wrong under the law. Each message is a sentence its reader may see."""


class ParallelError(Exception):
    """`code` is for machines, `status` for the web, `message` for people; `field` names a form field at fault."""

    code = "parallel_error"
    status = 409
    message = "平台不能完成这一操作。"

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or self.message)
        self.field = field
