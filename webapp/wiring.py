"""Where ports meet adapters: which event goes to whom.

To carry one more kind of event out of the house, add it to `_connections`; nothing else knows.
"""
from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import select

import integrations
import parallel
from engine.db import db, unit_of_work
from integrations.investment_platform.adapter import HttpInvestmentPlatform
from integrations.investment_platform.models import PlatformReport
from integrations.investment_platform.port import REPORTED, InvestmentPlatform, Report
from integrations.sms.adapter import HttpSms
from integrations.sms.port import Sms
from parallel.notifications.actions import record_sms
from webapp import clock
from webapp.config import Config, config


@dataclass(frozen=True)
class Event:
    """An outbox row on its way to those who hear its kind. `key` is what the receiver knows it by."""

    id: int
    key: str
    kind: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int


@dataclass(frozen=True)
class Hearer:
    """Who takes an event out of the house. `given_up` is told when it never will arrive."""

    hear: Callable[[Event], None]
    given_up: Callable[[Event], None] = lambda event: None


def load_subjects() -> None:
    """Import every module of `parallel` and `integrations`, so that tables, operations and hooks are known."""
    for package in (parallel, integrations):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def hearers() -> dict[str, list[Hearer]]:
    """Event kind → those outside who hear it, as this installation is connected."""
    known = current_app.extensions.get("hearers")
    if known is None:
        known = defaultdict(list)
        for kind, hear in _connections(config()):
            known[kind].append(hear)
        current_app.extensions["hearers"] = known
    return known


def _connections(config: Config) -> Iterator[tuple[str, Hearer]]:
    if config.investment_platform_url:
        platform = HttpInvestmentPlatform(config.investment_platform_url, config.investment_platform_key)
        for kind in REPORTED:
            yield kind, Hearer(partial(_report, platform))
    if config.sms_url:
        sms = HttpSms(config.sms_url, config.sms_key)
        yield "SmsRequested", Hearer(partial(_send_sms, sms), given_up=partial(_note_sms, sent=False))


def _report(platform: InvestmentPlatform, event: Event) -> None:
    code = event.payload.get("project_code") or event.payload["code"]
    report = Report(event.key, event.kind, code, event.payload)
    receipt = platform.report(report, at=clock.now())
    unit_of_work(lambda: _log_report(report, receipt, clock.now()))


def _log_report(report: Report, receipt: dict[str, Any], at: datetime) -> None:
    if db.session.scalar(select(PlatformReport.id).where(PlatformReport.key == report.key)) is None:
        db.session.add(PlatformReport(
            key=report.key, project_code=report.project_code, kind=report.kind, payload=report.payload, sent_at=at,
            answer=receipt,
        ))


def _send_sms(sms: Sms, event: Event) -> None:
    sms.send(key=event.key, phone=event.payload["phone"], text=event.payload["text"], at=clock.now())
    _note_sms(event, sent=True)


def _note_sms(event: Event, *, sent: bool) -> None:
    unit_of_work(lambda: record_sms(event.payload["notification"], sent=sent))
