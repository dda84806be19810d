"""The command `binglian`: a start that needs nothing, a stop that loses nothing, and checks of process files."""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from tests.builders import PASSWORD
from webapp.cli import cli

ROOT = Path(__file__).parents[3]
RUNNABLE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
<process id="p" name="x" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e"/></process>
</definitions>"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Running:
    def __init__(self, folder, port, **settings):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BINGLIAN_")}
        environment |= {"BINGLIAN_DATA_DIR": str(folder), "BINGLIAN_PORT": str(port)}
        environment |= {f"BINGLIAN_{name}": value for name, value in settings.items()}
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "webapp.cli", "serve"], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )

    def wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/healthz", timeout=2).ok:
                    return self
            except requests.ConnectionError:
                time.sleep(0.1)
        self.process.kill()
        pytest.fail(self.process.communicate()[0])

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        started = time.monotonic()
        text = self.process.communicate(timeout=20)[0]
        assert time.monotonic() - started < 10
        return text


def sign_in(url, door, login, password):
    session = requests.Session()
    token = re.search(r'name="csrf_token" value="([^"]+)"', session.get(url + door, timeout=10).text)[1]
    form = {"login": login, "password": password, "csrf_token": token}
    return session.post(url + door, data=form, timeout=10, allow_redirects=False).status_code


def test_one_command_serves_and_a_second_start_keeps_everything(tmp_path):
    port = free_port()
    first = Running(tmp_path, port).wait()
    logins = (tmp_path / "demo-logins.txt").read_text()
    assert stat.S_IMODE((tmp_path / "demo-logins.txt").stat().st_mode) == 0o600
    password = logins.splitlines()[0].split("\t")[2]
    for door, login in (("/login", "zhang"), ("/staff/login", "chuangkou"), ("/staff/login", "officer-zrzy"), ("/staff/login", "guanli")):
        assert sign_in(first.url, door, login, password) == 302
    said = first.stop()
    assert f"http://127.0.0.1:{port}" in said and password in said and "Stopped" in said
    assert first.process.returncode == 0 and "Traceback" not in said

    second = Running(tmp_path, port, DEMO_PASSWORD=PASSWORD).wait()
    assert sign_in(second.url, "/login", "zhang", password) == 302
    said = second.stop(signal.SIGTERM)
    assert (tmp_path / "demo-logins.txt").read_text() == logins and password in said
    assert second.process.returncode == 0 and "Stopped" in said


def test_the_demo_password_may_be_chosen(tmp_path):
    server = Running(tmp_path, free_port(), DEMO_PASSWORD=PASSWORD).wait()
    assert sign_in(server.url, "/login", "jianshe", PASSWORD) == 302
    server.stop()


def test_a_port_in_use_is_said_in_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Running(tmp_path, taken.getsockname()[1])
        text = server.process.communicate(timeout=30)[0]
    assert server.process.returncode == 1 and "BINGLIAN_PORT" in text and "Traceback" not in text


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


@pytest.mark.parametrize("command", [[], ["serve"], ["migrate"], ["seed"], ["worker"], ["demo"], ["bpmn", "check"]])
def test_every_command_helps(command):
    answer = CliRunner().invoke(cli, [*command, "--help"])
    assert answer.exit_code == 0 and "Usage: " in answer.output
