"""What can go wrong with accounts. Each message is a sentence its reader may see."""
from flask_babel import lazy_gettext

from webapp.errors import WebError


class WrongLogin(WebError):
    """One sentence for every reason: who tries passwords learns nothing from it."""

    code = "wrong_login"
    status = 400
    message = lazy_gettext("登录名或密码不正确。连续 5 次失败后，账号锁定 30 分钟。")


class WrongDoor(WebError):
    code = "wrong_door"
    status = 403
    message = lazy_gettext("公众账号不能登录工作平台，请从门户登录。")


class LoginTaken(WebError):
    code = "login_taken"
    status = 409
    message = lazy_gettext("这个登录名已经有人使用。")


class InvalidAccount(WebError):
    """`errors` names the fields and what is wrong with each."""

    code = "invalid_account"
    status = 422
    message = lazy_gettext("填写的内容有误。")

    def __init__(self, errors: dict[str, list]) -> None:
        super().__init__()
        self.errors = errors


class LastAdministrator(WebError):
    code = "last_administrator"
    status = 409
    message = lazy_gettext("平台至少要有一个能登录的管理员。")
