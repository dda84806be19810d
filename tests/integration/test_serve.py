"""`binglian serve`: a start that needs nothing, a stop that loses nothing."""
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

from tests.builders import PASSWORD

ROOT = Path(__file__).parents[2]
READY_WITHIN = 180  # ten seconds' work, on a machine that does much else


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
        end = time.monotonic() + READY_WITHIN
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
    first = Running(tmp_path, port, DEMO_PASSWORD=PASSWORD).wait()
    logins = (tmp_path / "demo-logins.txt").read_text()
    assert stat.S_IMODE((tmp_path / "demo-logins.txt").stat().st_mode) == 0o600
    for door, login in (("/login", "zhang"), ("/staff/login", "chuangkou"), ("/staff/login", "officer-zrzy"), ("/staff/login", "guanli")):
        assert sign_in(first.url, door, login, PASSWORD) == 302
    said = first.stop()
    assert f"http://127.0.0.1:{port}" in said and PASSWORD in said and "Stopped" in said
    assert first.process.returncode == 0 and "Traceback" not in said

    second = Running(tmp_path, port, DEMO_PASSWORD="Quite-other-9").wait()
    assert sign_in(second.url, "/login", "zhang", PASSWORD) == 302
    said = second.stop(signal.SIGTERM)
    assert (tmp_path / "demo-logins.txt").read_text() == logins and PASSWORD in said
    assert second.process.returncode == 0 and "Stopped" in said


def test_a_port_in_use_is_said_in_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Running(tmp_path, taken.getsockname()[1])
        text = server.process.communicate(timeout=30)[0]
    assert server.process.returncode == 1 and "BINGLIAN_PORT" in text and "Traceback" not in text
