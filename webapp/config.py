"""What an installation may set, from environment variables named BINGLIAN_*.

Every setting is checked at start-up; whoever set it wrong reads its name and what is allowed.
"""
from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

PREFIX = "BINGLIAN_"
KNOWN_SECRETS = {"secret", "changeme", "change-me", "dev", "development", "password", "binglian", "secret-key"}
SECRET_MIN_LENGTH = 32


class ConfigError(ValueError):
    """Settings that cannot be used; one line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _flag(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in known:
        raise ValueError("must be 1 or 0")
    return known[value.lower()]


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"\d{1,12}", value) or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError(f"must be an address that starts with {', '.join(s + ':' for s in schemes)}")
        return value.rstrip("/") if schemes[0] in ("http", "https") else value

    return parse


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return value

    return parse


def _secret(value: str) -> str:
    if len(value) < SECRET_MIN_LENGTH or value.lower() in KNOWN_SECRETS or len(set(value)) < 8:
        raise ValueError(f"must be at least {SECRET_MIN_LENGTH} random characters that nobody else uses")
    return value


def _password(value: str) -> str:
    if len(value) < 10:
        raise ValueError("must have at least 10 characters")
    return value


def setting(default: Any, parse: Callable[[str], Any], says: str) -> Any:
    return field(default=default, metadata={"parse": parse, "says": says})


@dataclass(frozen=True)
class Config:
    data_dir: Path = setting(Path("var"), _path, "folder of database, files and secrets")
    database_url: str = setting("", _url("sqlite", "postgresql+psycopg"), "default: a SQLite file in the data folder")
    host: str = setting("127.0.0.1", _text, "address to listen on")
    port: int = setting(8000, _number(1, 65535), "port to listen on")
    public_url: str = setting("", _url("http", "https"), "address citizens use; https makes cookies secure")
    trusted_proxies: int = setting(0, _number(0, 5), "how many proxies in front may name the client's address")
    secret_key: str = setting("", _secret, "signs CSRF tokens and notices; default: generated into the data folder")
    threads: int = setting(12, _number(2, 64), "requests answered at the same time by one process")
    live_limit: int = setting(2000, _number(10, 100_000), "open live pages of one process")
    broker_url: str = setting("", _url("redis", "rediss", "amqp", "amqps", "filesystem"), "default: jobs run inside the server")
    storage_url: str = setting("", _url("file", "s3"), "default: a folder in the data folder")
    upload_max_bytes: int = setting(20 * 2**20, _number(2**10, 2**30), "largest file a person may hand in")
    min_scan_dpi: int = setting(200, _number(50, 1200), "least resolution of a scanned material")
    stages_early: bool = setting(
        False, _flag, "whether a later stage may be applied for before the earlier one is closed"
    )
    session_idle_minutes: int = setting(30, _number(5, 24 * 60), "sign out after this long without a request")
    session_hours: int = setting(8, _number(1, 24), "sign out after this long in any case")
    login_rate: str = setting("20 per 5 minutes", _text, "sign-in attempts from one address")
    sms_url: str = setting("", _url("http", "https"), "address of the SMS gateway; empty: no SMS")
    sms_key: str = setting("", _text, "key shared with the SMS gateway")
    investment_platform_url: str = setting(
        "", _url("http", "https"), "address of the online platform for investment projects; empty: no reports"
    )
    investment_platform_key: str = setting("", _text, "key shared with that platform")
    demo_password: str = setting("", _password, "password of the demo accounts; default: a random one")
    log_level: str = setting("INFO", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "how much is logged")
    argon2_memory_kib: int = setting(65536, _number(19456, 2**21), "memory of one password check")
    argon2_rounds: int = setting(3, _number(2, 20), "rounds of one password check")

    def __post_init__(self) -> None:
        data = Path(self.data_dir).absolute()
        self._set("data_dir", data)
        self._set("database_url", self.database_url or f"sqlite:///{data / 'binglian.db'}")
        self._set("storage_url", self.storage_url or f"file://{data / 'files'}")
        self._set("public_url", self.public_url or f"http://{self.host}:{self.port}")
        needs_key = [
            f"{PREFIX}{name.upper()}_KEY must be set because {PREFIX}{name.upper()}_URL is"
            for name in ("sms", "investment_platform")
            if getattr(self, f"{name}_url") and not getattr(self, f"{name}_key")
        ]
        if needs_key:
            raise ConfigError(needs_key)
        self._set("secret_key", self.secret_key or _stored_secret(data / "secret"))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https:")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Config:
        """Read and check every setting. `overrides` win and are taken as they are.

        Raises:
            ConfigError: naming each variable that cannot be used and what it allows.
        """
        environ = os.environ if environ is None else environ
        values, problems = dict(overrides), []
        known = {PREFIX + f.name.upper(): f for f in fields(cls)}
        for variable, item in known.items():
            text = environ.get(variable, "").strip()
            if item.name in overrides or not text:
                continue
            try:
                values[item.name] = item.metadata["parse"](text)
            except ValueError as error:
                problems.append(f"{variable} {error}; it is {_shown(item, text)}")
        problems += [
            f"{name} is not a setting; see `binglian serve --help`"
            for name in environ
            if name.startswith(PREFIX) and name not in known and not name.startswith(PREFIX + "TEST_")
            and name != PREFIX + "REQUIRE_SERVICES"
        ]
        if problems:
            raise ConfigError(problems)
        return cls(**values)

    @classmethod
    def help(cls) -> str:
        """One line a variable, for the command line's help."""
        width = max(len(f.name) for f in fields(cls)) + len(PREFIX)
        return "\n".join(
            f"{PREFIX + f.name.upper():<{width}}  {f.metadata['says']}{_default(f)}" for f in fields(cls)
        )


def _shown(item: Field, text: str) -> str:
    return "not shown" if item.name.endswith(("key", "password")) else repr(text)


def _default(item: Field) -> str:
    return f" ({item.default})" if item.default not in ("", MISSING, False) else ""


def _stored_secret(path: Path) -> str:
    """The installation's own secret, made once and readable by its user only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _secret_from(path)
    with os.fdopen(handle, "w") as file:
        value = secrets.token_urlsafe(48)
        file.write(value)
    return value


def _secret_from(path: Path) -> str:
    try:
        return _secret(path.read_text().strip())
    except ValueError as error:
        raise ConfigError([f"The file {path} {error}; remove it and a new one is made"]) from error


def config() -> Config:
    """The settings of the running application."""
    return current_app.extensions["binglian"]
