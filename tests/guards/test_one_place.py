"""What is done in one place only: committing, reading the clock, deciding who may, styling."""
import ast
import re

import pytest

from tests.guards.source import NOT_OURS, ROOMS, ROOT, files, name_of, tree
from webapp.policy import permit, unnamed_routes

COMMITS = {"engine/db.py"}
READS_THE_CLOCK = {"webapp/clock.py"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"), ("time", "localtime")}


def calls(room):
    """(file, line, object's last name, method) of every call of a method."""
    for path in files(room):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
                yield name_of(path), node.lineno, name, node.func.attr


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_unit_of_work_commits(room):
    assert [f"{file}:{line}" for file, line, _, method in calls(room) if method == "commit" and file not in COMMITS] == []


@pytest.mark.parametrize("room", ROOMS)
def test_only_the_clock_reads_the_clock(room):
    wrong = [
        f"{file}:{line} {owner}.{method}()" for file, line, owner, method in calls(room)
        if (owner, method) in CLOCKS and file not in READS_THE_CLOCK
    ]
    assert wrong == []


def test_only_the_front_end_has_styles_and_scripts(app):
    ours = ROOT / "webapp" / "frontend" / "src"
    assert [name_of(path) for kind in ("css", "scss", "js") for room in ROOMS for path in (ROOT / room).rglob(f"*.{kind}")
            if not (NOT_OURS & set(path.parts) or path.is_relative_to(ours) or path.name == "vite.config.js")] == []
    assert [rule.rule for rule in app.url_map.iter_rules() if re.search(r"\.(css|js)\b", rule.rule)] == []
    loads = re.compile(r'<style\b|\bstyle="(?!(left|--))|<link rel="stylesheet"|<script\b')
    assert [f"{name_of(path)}: {found[0]}" for path in (ROOT / "webapp" / "templates").rglob("*.html")
            if (found := loads.search(path.read_text(encoding="utf-8")))] == []


def test_every_route_names_its_rule(app):
    assert unnamed_routes(app) == []


def test_a_route_that_names_none_is_found(app):
    app.view_functions["forgotten"] = lambda: ""
    app.view_functions["named"] = permit("public")(lambda: "")
    assert unnamed_routes(app) == ["forgotten"]


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_evaluates_words_as_code(room):
    wrong = [
        f"{name_of(path)}:{node.lineno}" for path in files(room) for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec", "compile")
    ]
    assert wrong == []
