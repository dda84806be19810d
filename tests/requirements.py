"""Which test shows which requirement of the book: the marker `req(id)`, and the table made of it.

`python -m tests.requirements` writes docs/requirements.md.
"""
from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BOOK = Path(__file__).parent / "data" / "requirements.tsv"
TABLE = ROOT / "docs" / "requirements.md"


def book() -> dict[str, str]:
    """Every requirement's id and title, in the book's order."""
    with BOOK.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["title"] for row in csv.DictReader(file, delimiter="\t")}


class Requirements:
    """Collects the markers of one run."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = defaultdict(list)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        known = book()
        for item in items:
            for marker in item.iter_markers("req"):
                for requirement in marker.args:
                    if requirement not in known:
                        raise pytest.UsageError(f"{item.nodeid}: the book has no requirement {requirement}")
                    name = item.nodeid.partition("[")[0]
                    if name not in self.tests[requirement]:
                        self.tests[requirement].append(name)


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("binglian-requirements"):
        config.pluginmanager.register(Requirements(), "binglian-requirements")


def table(tests: dict[str, list[str]]) -> str:
    rows = [
        f"| {requirement} | {title.replace('|', '/')} | {'<br>'.join(f'`{test}`' for test in sorted(tests.get(requirement, ()))) or '—'} |"
        for requirement, title in book().items()
    ]
    shown = sum(1 for requirement in book() if tests.get(requirement))
    return "\n".join([
        "# Requirements and the tests that show them", "",
        f"{shown} of {len(rows)} requirements have a test. Written by `make requirements`; do not edit.", "",
        "| id | requirement | tests |", "|---|---|---|", *rows, "",
    ])


def main() -> int:
    plugin = Requirements()

    class Named:
        @pytest.hookimpl(tryfirst=True)
        def pytest_configure(self, config: pytest.Config) -> None:
            config.pluginmanager.register(plugin, "binglian-requirements")

    code = pytest.main(["--collect-only", "-p", "no:terminal", str(ROOT / "tests")], plugins=[Named()])
    if code != pytest.ExitCode.OK:
        print("the tests could not be collected; run pytest to see why", file=sys.stderr)
        return int(code)
    TABLE.write_text(table(plugin.tests), encoding="utf-8")
    print(f"wrote {TABLE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
