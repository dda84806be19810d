"""What an installation starts with: calendar, catalogue, processes, and demo accounts where it is a demonstration.

Every step may run again: what is there stays, what is missing is added.
"""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask

from bpmn.catalogue import shipped_definitions
from engine.api import deploy
from engine.db import unit_of_work
from parallel.items.loading import load_catalogue
from parallel.time_limits.calendar_seed import seed_calendar
from webapp import clock
from webapp.config import config
from webapp.demo.story import tell
from webapp.identity.demo_accounts import create_demo_accounts, random_password, save_logins

BY = "system:seed"
LOGINS_FILE = "demo-logins.txt"

Say = Callable[[str], None]


def seed(app: Flask, *, demo: bool, projects: bool = False, say: Say = lambda sentence: None) -> None:
    """Run all steps; `say` hears what is being done. `projects`: with demo accounts, also projects on their way."""
    with app.app_context():
        say("working days")
        unit_of_work(seed_calendar)
        say("catalogue of items")
        unit_of_work(lambda: load_catalogue(clock.now(), BY))
        for path, source in shipped_definitions():
            say(f"process {path.stem}")
            unit_of_work(lambda path=path, source=source: deploy(source, file_name=path.name, by=BY, at=clock.now()))
        if demo:
            say("demo accounts")
            _seed_accounts()
        if projects:
            tell(clock.now(), say)


def _seed_accounts() -> None:
    password = config().demo_password or random_password()
    logins = unit_of_work(lambda: create_demo_accounts(password, at=clock.now()))
    if logins:
        save_logins(logins_file(), logins, password)


def logins_file() -> Path:
    return config().data_dir / LOGINS_FILE
