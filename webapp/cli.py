"""The command `binglian`."""
from __future__ import annotations

import importlib
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from bpmn import check_file
from engine.db import unit_of_work
from webapp import clock, create_app
from webapp.config import Config, ConfigError
from webapp.identity.actions import create_staff
from webapp.identity.errors import InvalidAccount, LoginTaken
from webapp.principal import ADMINISTRATOR
from webapp.schema import migrate as migrate_database
from webapp.seed import LOGINS_FILE
from webapp.seed import seed as seed_database
from webapp.server import listen, sandboxes, serve as serve_app
from webapp.worker import run_worker

FROM_ENVIRONMENT = "Settings come from the environment:\n\n\b\n" + Config.help()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def cli() -> None:
    """Binglian (并联): parallel approval for government service centres."""


def _settings() -> Config:
    try:
        return Config.from_environment()
    except ConfigError as error:
        raise click.ClickException("these settings cannot be used:\n  " + "\n  ".join(error.problems)) from error


def _is_demo(asked: bool | None, config: Config) -> bool:
    """Without a word on it, an installation that has not chosen a database is a demonstration."""
    return config.database_url.startswith("sqlite:") if asked is None else asked


@cli.command(epilog=FROM_ENVIRONMENT)
@click.option("--demo/--no-demo", default=None, help="Demo accounts and partner sandboxes. Default: on SQLite only.")
@click.option("--jobs/--no-jobs", default=None, help="Run timers and deliveries inside. Default: when no broker is set.")
def serve(demo: bool | None, jobs: bool | None) -> None:
    """Bring the database up to date and serve the site until Ctrl-C. Data stays for the next start."""
    config = _settings()
    demo = _is_demo(demo, config)
    try:
        listener = listen(config)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {config.host}:{config.port} ({error.strerror}); set BINGLIAN_PORT to a free port"
        ) from error
    with ExitStack() as running:
        addresses: dict[str, str] = {}
        if demo:
            config, addresses = running.enter_context(sandboxes(config))
        app = create_app(config)
        _prepare(app, demo=demo)
        serve_app(
            app, listener, with_jobs=not config.broker_url if jobs is None else jobs,
            ready=lambda: _welcome(config, addresses, demo=demo),
        )
    click.echo("Stopped. 已停止。")


def _prepare(app: Any, *, demo: bool) -> None:
    click.echo("Preparing the database … 正在准备数据库")
    started = time.monotonic()
    migrate_database(app)
    seed_database(app, demo=demo, projects=demo, say=lambda step: click.echo(f"  {time.monotonic() - started:5.1f} s  {step}"))


def _welcome(config: Config, addresses: dict[str, str], *, demo: bool) -> None:
    click.echo(f"\nBinglian 并联 answers at {config.public_url}  (staff 工作人员: {config.public_url}/staff/login)")
    for title, url in addresses.items():
        click.echo(f"  {title}: {url}")
    if demo:
        _print_logins(config.data_dir / LOGINS_FILE)
    click.echo("Ctrl-C stops it. 按 Ctrl-C 停止。\n")


def _print_logins(path: Path) -> None:
    if not path.exists():
        return
    click.echo(f"Demo logins 演示账号 (all in {path}):")
    officers = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        door, login, password, roles, name = line.split("\t")
        officers += roles == "officer"
        if roles != "officer" or officers <= 3:
            click.echo(f"  {door:<13} {login:<14} {password:<20} {roles:<17} {name}")
    if officers > 3:
        click.echo(f"  … and officer-<department> for {officers - 3} more departments, with the same password")


@cli.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    migrate_database(create_app(_settings()))
    click.echo("The database is up to date.")


@cli.command()
@click.option("--demo/--no-demo", default=None, help="Demo accounts as well. Default: on SQLite only.")
def seed(demo: bool | None) -> None:
    """Load working days, catalogue and processes. What is there stays."""
    config = _settings()
    app = create_app(config)
    migrate_database(app)
    demo = _is_demo(demo, config)
    seed_database(app, demo=demo, projects=demo, say=click.echo)


@cli.command()
@click.argument("login")
@click.option("--name", default="系统管理员", show_default=True, help="Name shown on screens.")
@click.password_option(help="Asked for when not given.")
def administrator(login: str, name: str, password: str) -> None:
    """Open the first administrator's account; further accounts are opened on the site."""
    app = create_app(_settings())
    migrate_database(app)
    with app.app_context():
        try:
            account = unit_of_work(lambda: create_staff(
                login=login, password=password, name=name, roles={ADMINISTRATOR}, department_code=None,
                division_code=None, by="system:cli", at=clock.now(),
            ))
        except InvalidAccount as error:
            raise click.ClickException(" ".join(str(each) for all_ in error.errors.values() for each in all_)) from error
        except LoginTaken as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{account.id} may sign in at /staff/login.")


@cli.command()
@click.option("--concurrency", default=4, show_default=True, help="Jobs at the same time.")
@click.option("--beat/--no-beat", default=True, show_default=True, help="Also tick the jobs; one worker of all does.")
def worker(concurrency: int, beat: bool) -> None:
    """Run timers and deliveries in a process of its own. Needs BINGLIAN_BROKER_URL."""
    if not _settings().broker_url:
        raise click.ClickException(
            "BINGLIAN_BROKER_URL is not set: without a broker `binglian serve` runs the jobs itself"
        )
    run_worker(concurrency, with_beat=beat)


@cli.command()
@click.option("--scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file of the form of the shipped scenarios. Default: the shipped ones.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def demo(scenario: Path | None, as_json: bool) -> None:
    """Take whole projects through all their stages, without screens, in a database of its own."""
    sys.exit(importlib.import_module("webapp.demo.run").main(scenario=scenario, as_json=as_json))


@cli.group()
def bpmn() -> None:
    """Work on process files."""


@bpmn.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON record a file.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Say whether process files can run, and what is wrong with each. Exit status 1 when one cannot."""
    records = [_checked(path) for path in files]
    for record in records:
        click.echo(json.dumps(record, ensure_ascii=False) if as_json else _sentence(record))
    sys.exit(1 if any(record["verdict"] == "refused" for record in records) else 0)


def _checked(path: Path) -> dict[str, Any]:
    started = time.perf_counter()
    findings = check_file(path.read_bytes())
    return {
        "file": str(path), "verdict": "refused" if any(finding.is_error for finding in findings) else "runnable",
        "findings": [finding.as_dict() for finding in findings],
        "milliseconds": round((time.perf_counter() - started) * 1000, 1),
    }


def _sentence(record: dict[str, Any]) -> str:
    lines = [f"{record['file']}: {record['verdict']} ({record['milliseconds']} ms)"]
    for finding in record["findings"]:
        where = " ".join(part for part in (finding["element_id"], f"line {finding['line']}" if finding["line"] else "") if part)
        lines.append(f"  {finding['severity']} {finding['code']} {where}: {finding['message_en']} {finding['message_zh']}")
    return "\n".join(lines)


def main() -> None:
    cli(prog_name="binglian")


if __name__ == "__main__":
    main()
