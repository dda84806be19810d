"""What each room must have, and what no committed file may hold."""
import re
import subprocess

import pytest

from tests.guards.source import ROOMS, ROOT

SYSTEMS = sorted(path.name for path in (ROOT / "integrations").iterdir() if (path / "port.py").exists() or (path / "adapter.py").exists())
ITS_OWN_SANDBOX = {"storage"}  # a folder is a store
# Written in parts, so that this file does not hold what it forbids.
FORBIDDEN = re.compile("|".join(
    first + second for first, second in (
        ("/wo", "rk/(main|shared|steering)"), ("/fa", "rm/"), ("/ro", "ot/"), ("pypi", r"\.org"), ("python", "hosted"),
        ("registry", r"\.npmjs"), ("deb", r"\.debian\.org"),
    )
))
BINARY = {".png", ".jpg", ".woff2", ".ttf", ".pdf", ".zst", ".gz", ".ico"}


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_says_in_twenty_lines_what_lives_there(room):
    lines = (ROOT / room / "README.md").read_text(encoding="utf-8").splitlines()
    assert 3 <= len(lines) <= 20


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_adapter_has_a_port_a_sandbox_and_a_contract(system):
    folder = ROOT / "integrations" / system
    needed = {"port.py", "adapter.py", "README.md"} | (set() if system in ITS_OWN_SANDBOX else {"sandbox.py"})
    assert needed <= {path.name for path in folder.iterdir()}
    assert len((folder / "README.md").read_text(encoding="utf-8").splitlines()) <= 20
    assert (ROOT / "tests" / "contract" / f"test_{system}.py").exists()


def test_no_committed_file_names_this_machine_or_a_registry():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    wrong = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in BINARY or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if FORBIDDEN.search(line):
                wrong.append(f"{name}:{number}: {line[:120]}")
    assert wrong == []
