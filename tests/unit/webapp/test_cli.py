"""The command `binglian`: settings that are wrong are said, process files are checked, every command helps."""
import json

import pytest
from click.testing import CliRunner

from tests.builders import PASSWORD
from webapp.cli import cli

RUNNABLE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
<process id="p" name="x" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e"/></process>
</definitions>"""


def test_a_wrong_setting_is_said_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("BINGLIAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BINGLIAN_PORT", "http")
    answer = CliRunner().invoke(cli, ["serve"])
    assert answer.exit_code == 1 and "BINGLIAN_PORT must be a whole number" in answer.output


def test_a_worker_needs_a_broker(tmp_path, monkeypatch):
    monkeypatch.setenv("BINGLIAN_DATA_DIR", str(tmp_path))
    answer = CliRunner().invoke(cli, ["worker"])
    assert answer.exit_code == 1 and "BINGLIAN_BROKER_URL" in answer.output


def test_process_files_are_checked(tmp_path):
    good, bad = tmp_path / "good.bpmn", tmp_path / "bad.bpmn"
    good.write_text(RUNNABLE)
    bad.write_text("<definitions")
    answer = CliRunner().invoke(cli, ["bpmn", "check", "--json", str(good), str(bad)])
    first, second = (json.loads(line) for line in answer.stdout.splitlines())
    assert answer.exit_code == 1
    assert (first["verdict"], second["verdict"]) == ("runnable", "refused") and second["findings"][0]["line"] >= 0
    assert set(first) == {"file", "verdict", "findings", "milliseconds"}
    assert CliRunner().invoke(cli, ["bpmn", "check", str(good)]).exit_code == 0
    assert "refused" in CliRunner().invoke(cli, ["bpmn", "check", str(bad)]).output


def test_the_first_administrator_is_made_here(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("BINGLIAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BINGLIAN_DATABASE_URL", database_url)
    make = lambda password: CliRunner().invoke(cli, ["administrator", "guanli"], input=f"{password}\n{password}\n")
    weak, made, again = make("short"), make(PASSWORD), make(PASSWORD)
    assert weak.exit_code == 1 and "10" in weak.output
    assert made.exit_code == 0 and "staff:guanli" in made.output
    assert again.exit_code == 1 and "Traceback" not in again.output


@pytest.mark.parametrize("command", [[], ["administrator"], ["serve"], ["migrate"], ["seed"], ["worker"], ["demo"], ["bpmn", "check"]])
def test_every_command_helps(command):
    answer = CliRunner().invoke(cli, [*command, "--help"])
    assert answer.exit_code == 0 and "Usage: " in answer.output
