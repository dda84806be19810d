"""Where all is joined: `create_app` makes the Flask application out of the rooms beside this file."""
from __future__ import annotations

import importlib.util
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale
from flask_migrate import Migrate

from engine.db import db
from webapp import formats
from webapp.config import Config
from webapp.errors import register_errors
from webapp.identity.sessions import register_sessions
from webapp.logs import configure_logs
from webapp.memory import collect_aside
from webapp.navigation import register_navigation
from webapp.policy import unnamed_routes
from webapp.principal import current_principal
from webapp.security import register_security
from webapp.wiring import load_subjects

LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "language"


def create_app(config: Config | None = None, **overrides: Any) -> Flask:
    """Make the application.

    Args:
        config: the settings; default: from the environment.
        overrides: single settings (lower case, such as `data_dir`) or Flask's own (upper case, such as `TESTING`).
    """
    flask_settings = {name: value for name, value in overrides.items() if name.isupper()}
    ours = {name: value for name, value in overrides.items() if not name.isupper()}
    config = config or Config.from_environment(**ours)
    configure_logs(config.log_level)
    collect_aside()
    load_subjects()

    app = Flask(__name__)
    app.extensions["binglian"] = config
    _register_database(app, config)
    register_security(app, config)
    app.config.update(flask_settings)
    register_sessions(app)
    Babel(app, default_locale=LANGUAGES[0], default_timezone="Asia/Shanghai", locale_selector=_locale)
    app.context_processor(lambda: {"locale": get_locale()})
    formats.register(app)
    rooms = list(_rooms())
    for room in rooms:
        app.register_blueprint(room.blueprint)
    register_navigation(app, [entry for room in rooms for entry in getattr(room, "navigation", ())])
    register_errors(app)
    if forgotten := unnamed_routes(app):
        raise RuntimeError(f"These routes do not name their rule (webapp/policy.py, permit): {', '.join(forgotten)}")
    return app


def _register_database(app: Flask, config: Config) -> None:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    options: dict[str, Any] = {"pool_size": config.threads + 4, "max_overflow": 8}
    if urlsplit(config.database_url).scheme.startswith("postgresql"):
        options["pool_pre_ping"] = True
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    Migrate(app, db, directory=str(Path(__file__).parent / "migrations"))


def _rooms() -> Any:
    """Every package `webapp/<room>` whose `routes.py` has a `blueprint`."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        if module.ispkg and importlib.util.find_spec(f"webapp.{module.name}.routes"):
            room: ModuleType = importlib.import_module(f"webapp.{module.name}.routes")
            if hasattr(room, "blueprint"):
                yield room


def _locale() -> str:
    """The reader's language: what was chosen on this browser, else what the account says, else Chinese."""
    if not has_request_context():
        return LANGUAGES[0]
    for chosen in (request.cookies.get(LANGUAGE_COOKIE), current_principal().locale):
        if chosen in LANGUAGES:
            return chosen
    return LANGUAGES[0]
