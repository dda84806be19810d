"""Passwords: argon2id, and what is too weak to be one (reliability 3.1, 3.2)."""
from __future__ import annotations

import os
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext

from webapp.config import config

MIN_LENGTH = 10
MAX_LENGTH = 128
COMMON = {
    "1234567890", "0123456789", "12345678910", "123456789a", "a123456789", "qwertyuiop", "1q2w3e4r5t", "password123",
    "password1234", "passw0rd123", "abcd123456", "abc1234567", "aa12345678", "woaini1314", "woaini520520", "5201314520",
    "admin123456", "administrator", "iloveyou123", "qwerty1234", "1qaz2wsx3edc", "zaq12wsxcde3", "11111111111", "0000000000",
}
# Each check costs a tenth of a second of one core: more at once only make all of them slow.
_turns = threading.BoundedSemaphore(os.cpu_count() or 2)


@lru_cache
def _hasher(memory_kib: int, rounds: int) -> PasswordHasher:
    return PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)


def _current_hasher() -> PasswordHasher:
    return _hasher(config().argon2_memory_kib, config().argon2_rounds)


def hash_password(password: str) -> str:
    with _turns:
        return _current_hasher().hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. Without an account it takes as long, so that nobody learns who has one."""
    with _turns:
        try:
            return _current_hasher().verify(password_hash or _decoy(), password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def _decoy() -> str:
    return _decoy_of(config().argon2_memory_kib, config().argon2_rounds)


@lru_cache
def _decoy_of(memory_kib: int, rounds: int) -> str:
    return _hasher(memory_kib, rounds).hash("nobody has this password")


def weakness(password: str, *, login: str, realm: str) -> str | None:
    """Why this cannot be a password, or None. Staff must mix kinds of characters (GB/T 22239 8.1.4.1 a)."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return lazy_gettext("密码至少 10 个字符，最多 128 个字符。")
    lowered = password.lower()
    if lowered in COMMON or len(set(lowered)) < 4:
        return lazy_gettext("这个密码太常见，请换一个。")
    if len(login) >= 4 and login.lower() in lowered:
        return lazy_gettext("密码不能包含登录名。")
    if realm == "staff" and _kinds(password) < 3:
        return lazy_gettext("工作人员的密码须含大写字母、小写字母、数字、符号中的三种。")
    return None


def _kinds(password: str) -> int:
    return sum((
        any(c.islower() for c in password), any(c.isupper() for c in password),
        any(c.isdigit() for c in password), any(not c.isalnum() for c in password),
    ))
