"""Which way imports go (docs/architecture.md). No arrow back, none inside functions."""
import fnmatch
import sys

import pytest

from tests.guards.source import ROOMS, Import, imports

MAY_IMPORT = {
    "bpmn": set(),
    "gis": set(),
    "engine": {"bpmn"},
    "parallel": {"engine", "gis"},
    "integrations": {"parallel", "engine"},
    "webapp": {"integrations", "parallel", "gis", "engine", "bpmn"},
}
# Room -> the modules by which others come in. Who may use more than its door is named below.
DOORS = {
    "engine": {"engine", "engine.api", "engine.db"},
    "bpmn": {"bpmn", "bpmn.catalogue", "bpmn.layout", "bpmn.namespaces", "bpmn.source"},
    "gis": {"gis", "gis.api"},
}
WIDER = {("engine", "bpmn")}  # the engine runs what bpmn read
INTEGRATIONS_SEE = ("parallel", "parallel.*.events", "parallel.*.ports")  # of the law: what happened and what is asked
KEEPS_A_LOG = "integrations/*/models.py"  # an integration may keep a table of its calls

LIBRARIES = {
    "lxml": {"bpmn"},
    "SpiffWorkflow": {"bpmn", "engine"},
    "networkx": {"bpmn", "parallel"},
    "zstandard": {"engine"},
    "shapely": {"gis"},
    "requests": {"integrations"},
    "obstore": {"integrations"},
    **dict.fromkeys(
        ("flask", "werkzeug", "jinja2", "celery", "kombu", "uvicorn", "a2wsgi", "typst", "flask_login", "flask_wtf", "flask_limiter",
         "flask_babel", "flask_migrate", "flask_smorest", "marshmallow", "argon2", "click", "alembic"), {"webapp"},
    ),
}


def is_wrong_way(found):
    room = found.file.partition("/")[0]
    if found.top in ROOMS and found.top != room:
        return found.top not in MAY_IMPORT[room] or not _is_door(room, found)
    return room not in LIBRARIES.get(found.top, {room})


def _is_door(room, found):
    if room == "integrations":
        if found.top == "engine":
            return found.module == "engine.db" and fnmatch.fnmatch(found.file, KEEPS_A_LOG)
        return any(fnmatch.fnmatch(found.module, pattern) for pattern in INTEGRATIONS_SEE)
    return (room, found.top) in WIDER or found.module in DOORS.get(found.top, {found.module})


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_the_way_the_architecture_draws(room):
    assert list(dict.fromkeys(str(found) for found in imports(room) if is_wrong_way(found))) == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_is_relative_or_reaches_another_room_from_inside_a_function(room):
    wrong = [
        str(found) for found in imports(room)
        if found.level or (found.inside and found.top in ROOMS and found.top != room)
    ]
    assert wrong == []


def test_the_table_knows_every_room_and_no_library_twice():
    assert set(MAY_IMPORT) == set(ROOMS)
    assert not set(LIBRARIES) & set(sys.stdlib_module_names)


@pytest.mark.parametrize(("file", "module", "wrong"), [
    ("bpmn/x.py", "engine.api", True), ("parallel/x.py", "engine.store", True), ("parallel/x.py", "engine.api", False),
    ("parallel/x.py", "webapp.clock", True), ("parallel/x.py", "flask", True), ("engine/x.py", "bpmn.parser", False),
    ("integrations/sms/adapter.py", "engine.db", True), ("integrations/sms/models.py", "engine.db", False),
    ("integrations/sms/adapter.py", "parallel.cases.models", True), ("integrations/sms/adapter.py", "parallel.cases.events", False),
    ("webapp/x.py", "engine.execution", True), ("gis/x.py", "networkx", True),
])
def test_the_guard_itself_sees_what_is_wrong(file, module, wrong):
    assert is_wrong_way(Import(file, 1, module, 0, False)) is wrong
