"""A real browser before a real server; skipped where there is no browser, unless BINGLIAN_REQUIRE_SERVICES=1."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "docs" / "screens"
WIDTHS = {1280: 900, 390: 844}
# As root in a container, and without Chromium's own traffic to the outside.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTUP_SECONDS = 180
SETTLING_MS = 500


@dataclass(frozen=True)
class Server:
    url: str
    password: str  # of every demo account
    data_dir: Path


def _without(reason: str) -> None:
    (pytest.fail if os.environ.get("BINGLIAN_REQUIRE_SERVICES") == "1" else pytest.skip)(reason)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    server = Server(f"http://127.0.0.1:{(port := _free_port())}", secrets.token_urlsafe(12), folder / "data")
    settings = {
        "BINGLIAN_DATA_DIR": str(server.data_dir),
        "BINGLIAN_PORT": str(port),
        "BINGLIAN_DEMO_PASSWORD": server.password,
    }
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "serve"], cwd=ROOT, env=os.environ | settings, stdout=out, stderr=out
        )
    try:
        _wait(server.url, process, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("BINGLIAN_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        _without("There is no Chromium here: install it, or name one in BINGLIAN_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser, server: Server) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a context with cookies of its own, one for each person of a test; options as playwright's `new_context`."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        defaults = {"base_url": server.url, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
        contexts.append(browser.new_context(**defaults | {"viewport": {"width": 1280, "height": 900}} | options))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A page whose console errors and broken content security policy fail the test."""
    page = new_context().new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str, str], None]:
    """screenshot(page, name, lang): docs/screens/NAME.LANG.WIDTH.png at both widths, and no width scrolls sideways."""

    def take(page: Page, name: str, lang: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(SETTLING_MS)  # never idle: live pages keep a stream open
            page.screenshot(path=SCREENS / f"{name}.{lang}.{width}.png", full_page=True, animations="disabled")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways at {width} px"
        page.set_viewport_size(before)

    return take


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """axe(page): what axe-core finds serious or critical, one line each. The page's policy forbids scripts from elsewhere,
    so it is put in through the debugger.
    """
    source = ROOT / "webapp" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

    def run(page: Page) -> list[str]:
        page.evaluate(source.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run().then((result) => result.violations)")
        return [
            f"{violation['id']}: {violation['help']}: {node['target']}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]

    return run
