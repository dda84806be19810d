"""The shipped drawings: clean, true to the catalogue, and they run."""
from datetime import timedelta

import networkx as nx
import pytest
from lxml import etree

from bpmn import check_file
from bpmn.catalogue import shipped_definitions
from engine.api import (
    ProcessInstance, Task, complete_task, db, due_instances, fire_due_timers, picture, send_message, start_process,
    unit_of_work,
)
from parallel.projects.templates import template
from tests.unit.parallel.items.prepared import MONDAY, WITH_CATALOGUE
from tests.unit.parallel.projects.catalogue import item, items

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
OURS = "{http://binglian.org/schema/bpmn/1.0}"
FILES = {path.stem: source for path, source in shipped_definitions()}
STAGES = sorted(name for name in FILES if name.startswith("stage-T"))
OPERATIONS = frozenset({"start_case_clock", "close_case"})


def test_what_is_shipped():
    assert sorted(FILES) == [
        "enterprise-registration", "item-common", "joint-drawing-review", "multi-evaluation", "stage-T01-1",
        "stage-T01-2", "stage-T01-3", "stage-T01-4", "stage-T03-1", "stage-T03-2", "stage-T03-3", "stage-T03-4",
        "stage-common",
    ]


@pytest.mark.parametrize("name", FILES)
def test_no_finding(name):
    assert check_file(FILES[name], operations=OPERATIONS) == []


@pytest.mark.parametrize("name", FILES)
def test_everything_is_drawn_and_nothing_overlaps(name):
    root = etree.fromstring(FILES[name])
    ways = {f"{BPMN}incoming", f"{BPMN}outgoing"}
    nodes = {el.getparent().get("id") for el in root.iter(*ways)}
    flows = {el.get("id") for el in root.iter(f"{BPMN}sequenceFlow")}
    shapes = {el.get("bpmnElement"): el.find(f"{DC}Bounds") for el in root.iter(f"{DI}BPMNShape")}
    assert nodes <= shapes.keys()
    assert flows <= {el.get("bpmnElement") for el in root.iter(f"{DI}BPMNEdge")}
    attached = {el.get("id") for el in root.iter(f"{BPMN}boundaryEvent")}
    boxes = [[float(shapes[node].get(key)) for key in ("x", "y", "width", "height")] for node in nodes - attached]
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in ((a, b) for i, a in enumerate(boxes) for b in boxes[:i]):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


def drawn(name: str) -> nx.DiGraph:
    """Items of a drawing, an edge from each to those that follow it with only gateways between."""
    root = etree.fromstring(FILES[name])
    calls = {el.get("id"): el.get(f"{OURS}item") for el in root.iter(f"{BPMN}callActivity")}
    flows = nx.DiGraph((el.get("sourceRef"), el.get("targetRef")) for el in root.iter(f"{BPMN}sequenceFlow"))
    graph = nx.DiGraph()
    graph.add_nodes_from(code for code in calls.values() if code)
    for call, code in calls.items():
        reached, todo = set(), list(flows.successors(call))
        while todo:
            node = todo.pop()
            if node in calls:
                graph.add_edge(code, calls[node])
            elif node not in reached:
                reached.add(node)
                todo += flows.successors(node)
    return graph


@pytest.mark.parametrize("name", STAGES)
def test_arrows_are_the_catalogues_prerequisites_and_no_more(name):
    graph, stage = drawn(name), int(name[-1])
    needed = nx.DiGraph()
    needed.add_nodes_from(graph)
    for code in graph:
        assert item(code).stage == stage
        needed.add_edges_from((row.item_code, code) for row in item(code).prerequisites if row.item_code in graph)
    assert set(graph.edges) == set(nx.transitive_reduction(needed).edges)


@pytest.mark.parametrize("name", STAGES)
def test_the_milestone_of_a_stage_is_drawn(name):
    stage = template(name[6:9]).stages[int(name[-1]) - 1]
    assert stage.process_key == name
    assert set(stage.milestone_items) <= set(drawn(name))


@pytest.mark.parametrize("name", STAGES)
def test_names_are_short_and_items_carry_their_attributes(name):
    for call in etree.fromstring(FILES[name]).iter(f"{BPMN}callActivity"):
        code = call.get(f"{OURS}item")
        assert 3 <= len(call.get("name")) <= 12
        if code:
            assert code in {row.code for row in items()}
            assert call.get("calledElement") == "item-common"
            assert call.get(f"{OURS}businessKey") == f"case_of.{code}"
            assert call.get(f"{OURS}skip") == f"'{code}' not in items"


# --- running ------------------------------------------------------------------------------------------------

running = pytest.mark.usefixtures("app")


class Run:
    """A process that a test drives by the names of its steps."""

    def __init__(self, key: str, **variables) -> None:
        self.at = MONDAY
        values = {"applicant": "public:zhang", "department": "zrzy", "joint": False, "ready": True} | variables
        self.id = unit_of_work(lambda: start_process(
            key, business_key="test:1", variables=values, by="public:zhang", at=self.at)).id

    def open(self) -> list[str]:
        """Open tasks as step@assignee or step@group."""
        return sorted(f"{task.step}@{task.assignee or task.candidates[0].group_name}" for task in self._tasks())

    def _tasks(self) -> list[Task]:
        db.session.rollback()
        return list(db.session.scalars(db.select(Task).where(Task.root_id == self.id, Task.status == "open").order_by(Task.id)))

    def do(self, step: str, group: str | None = None, **variables) -> "Run":
        task = next(
            row for row in self._tasks()
            if row.step == step and (group is None or group in {c.group_name for c in row.candidates})
        )
        unit_of_work(lambda: complete_task(task.id, by=task.assignee or "staff:x", at=self.at, variables=variables))
        return self

    def wait(self, days: int) -> "Run":
        self.at += timedelta(days=days)
        for instance_id in due_instances(self.at):
            unit_of_work(lambda instance_id=instance_id: fire_due_timers(instance_id, self.at))
        return self

    def ended_in(self) -> str:
        db.session.rollback()
        instance = db.session.get(ProcessInstance, self.id)
        assert instance.status == "completed"
        return next(name for name, element in picture(self.id).elements.items()
                    if element.state == "done" and name in ENDS)

    def children(self) -> dict[str, str]:
        db.session.rollback()
        rows = db.session.scalars(db.select(ProcessInstance).where(ProcessInstance.parent_id == self.id))
        return {row.business_key: row.status for row in rows}


ENDS = {"approved", "refused", "not_accepted", "returned", "closed", "registered", "delivered", "passed", "not_passed"}


@running
@WITH_CATALOGUE
class TestItemCommon:
    def test_straight_through(self):
        run = Run("item-common")
        assert run.open() == ["accept@window_clerk"]
        run.do("accept", acceptance="accept")
        assert run.open() == ["review@officer@zrzy"]
        run.do("review", review="pass").do("decide", decision="approve")
        assert run.open() == ["issue@officer@zrzy"]
        assert run.do("issue").ended_in() == "approved"

    def test_correction_and_back(self):
        run = Run("item-common").do("accept", acceptance="correct")
        assert run.open() == ["correct@public:zhang"]
        run.do("correct").do("accept", acceptance="accept")
        assert run.open() == ["review@officer@zrzy"]

    def test_a_correction_that_is_not_made_in_time_is_returned(self):
        run = Run("item-common").do("accept", acceptance="correct").wait(20)
        assert run.open() == ["correct@public:zhang"]  # 15 working days are 21 days here
        assert run.wait(2).ended_in() == "returned"

    def test_the_days_for_correction_may_be_given(self):
        assert Run("item-common", correction_days=5).do("accept", acceptance="correct").wait(8).ended_in() == "returned"

    def test_refusals(self):
        assert Run("item-common").do("accept", acceptance="refuse").ended_in() == "not_accepted"
        run = Run("item-common").do("accept", acceptance="accept").do("review", review="pass").do("decide", decision="refuse")
        assert run.ended_in() == "refused"

    def test_an_unknown_word_grants_nothing(self):
        run = Run("item-common").do("accept", acceptance="")
        assert run.open() == ["correct@public:zhang"]
        run.do("correct").do("accept", acceptance="accept").do("review", review="").do("decide", decision="")
        assert run.ended_in() == "refused"

    def test_special_procedure(self):
        run = Run("item-common").do("accept", acceptance="accept").do("review", review="special")
        assert run.open() == ["special@officer@zrzy"]
        assert run.do("special").open() == ["review@officer@zrzy"]
        assert run.do("review", review="pass").open() == ["decide@officer@zrzy"]

    def test_joint_filing_skips_the_window_and_waits_for_earlier_results(self):
        run = Run("item-common", joint=True, ready=False)
        assert run.open() == []
        ready = {"business_key": "test:1", "variables": {"ready": True}, "by": "system", "at": MONDAY}
        assert unit_of_work(lambda: send_message("前置结果齐备", **ready)) == 1
        assert run.open() == ["review@officer@zrzy"]

    def test_joint_filing_that_is_ready_starts_at_once(self):
        assert Run("item-common", joint=True).open() == ["review@officer@zrzy"]


def finish_item(run: Run) -> None:
    run.do("review", review="pass").do("decide", decision="approve").do("issue")


@running
@WITH_CATALOGUE
class TestStages:
    def variables(self, codes: list[str], other: tuple[str, ...] = ()) -> dict:
        every = [*codes, *other]
        return {"items": every, "other_items": list(other), "department_of": {}, "joint": True,
                "case_of": {code: f"case:{90000 + n}" for n, code in enumerate(every)}}

    def test_items_that_are_not_filed_are_skipped_and_others_run_beside(self):
        run = Run("stage-T01-1", **self.variables(["X00", "X01", "L02", "L06"], ("E18",)))
        assert run.open() == ["accept@window_clerk"]
        run.do("accept", acceptance="accept")
        assert run.children() == {"case:90000": "active", "case:90002": "active", "case:90004": "active"}  # X00 L02 E18
        for _ in range(5):
            finish_item(run)
        assert run.ended_in() == "closed"
        assert len(run.children()) == 5

    def test_nothing_else_applies(self):
        run = Run("stage-T03-2", **self.variables(["B01A"])).do("accept", acceptance="accept")
        finish_item(run)
        assert run.ended_in() == "closed"

    def test_the_common_stage_runs_all_at_once(self):
        run = Run("stage-common", **self.variables([], ("E03", "E04", "L03"))).do("accept", acceptance="accept")
        assert len(run.children()) == 3 and len(run.open()) == 3
        for _ in range(3):
            finish_item(run)
        assert run.ended_in() == "closed"

    @pytest.mark.parametrize("name", [*STAGES, "stage-common"])
    def test_window(self, name):
        variables = self.variables([])
        assert Run(name, **variables).do("accept", acceptance="refuse").ended_in() == "not_accepted"
        run = Run(name, **variables).do("accept", acceptance="correct")
        assert run.open() == ["correct@public:zhang"]
        assert run.do("correct").do("accept", acceptance="accept").ended_in() == "closed"
        assert Run(name, **variables).do("accept", acceptance="correct").wait(22).ended_in() == "returned"

    @pytest.mark.req("PARALLEL-2")
    @pytest.mark.parametrize("name", STAGES)
    def test_every_drawn_item_runs(self, name):
        codes = list(drawn(name))
        run = Run(name, **self.variables(codes)).do("accept", acceptance="accept")
        for _ in codes:
            finish_item(run)
        assert run.ended_in() == "closed" and len(run.children()) == len(codes)


@running
@WITH_CATALOGUE
class TestShared:
    @pytest.mark.req("PARALLEL-2")
    def test_enterprise_registration(self):
        run = Run("enterprise-registration").do("accept", acceptance="accept")
        departments = ["gaj", "gjj", "rsj", "scjg", "swj", "xzspj"]
        assert run.open() == [f"review@officer@{code}" for code in departments]
        for code in reversed(departments):
            run.do("review", f"officer@{code}")
        assert run.open() == ["issue@officer@scjg"]
        assert run.do("issue").ended_in() == "registered"

    @pytest.mark.req("PARALLEL-2")
    def test_multi_evaluation(self):
        run = Run("multi-evaluation", evaluations=["E03", "E04"], department_of={"E03": "sthj", "E04": "slj"})
        run.do("accept", acceptance="accept")
        assert run.open() == ["compile@public:zhang"] * 2
        run.do("compile").do("compile")
        assert run.open() == ["appraise@officer@slj", "appraise@officer@sthj"]
        run.do("appraise").do("appraise")
        assert run.open() == ["decide@officer@slj", "decide@officer@sthj"]
        run.do("decide", "officer@slj").do("decide", "officer@sthj")
        assert run.open() == ["issue@window_clerk"]
        assert run.do("issue").ended_in() == "delivered"

    @pytest.mark.req("PARALLEL-2")
    def test_joint_drawing_review(self):
        run = Run("joint-drawing-review", reviewers=["zjj", "gdb", "gsgs"]).do("accept", acceptance="accept")
        assert run.open() == ["review@officer@gdb", "review@officer@gsgs", "review@officer@zjj"]
        run.do("review", "officer@zjj").do("review", "officer@gdb").do("review", "officer@gsgs")
        assert run.do("decide", opinion="pass").ended_in() == "passed"

    def test_who_does_not_reply_in_three_days_has_no_objection(self):
        run = Run("joint-drawing-review", reviewers=["zjj", "gdb"]).do("accept", acceptance="accept")
        run.do("review", "officer@zjj").wait(4)
        assert run.open() == ["decide@officer@zjj"]
        run.do("decide", opinion="rectify")
        assert run.open() == ["rectify@public:zhang"]
        run.do("rectify")
        assert run.open() == ["review@officer@gdb", "review@officer@zjj"]

    def test_what_is_not_rectified_in_time_has_not_passed(self):
        run = Run("joint-drawing-review", reviewers=["zjj"]).do("accept", acceptance="accept").do("review")
        assert run.do("decide", opinion="rectify").wait(15).ended_in() == "not_passed"
