"""How the elements run that run differently here: calls, operations, timers, several people on one task."""

import pytest
from SpiffWorkflow.exceptions import SpiffWorkflowException

from bpmn import parse
from bpmn.specs import awaited_events, connect_instances
from tests.unit.bpmn.drawing import chain, draw, end, flow, instances, line, node, start, timer, user
from tests.unit.bpmn.running import Play

VOTERS = ["甲", "乙", "丙", "丁", "戊"]


def call(element_id="c", inner="", **attributes):
    return node("callActivity", element_id, inner, calledElement="other", **attributes)


class TestCalls:
    def test_a_call_waits_for_the_engine_and_has_no_sub_workflow(self):
        play = Play(line(call(), user("b")))
        assert play.waiting_for() == ["c"]
        assert play.workflow.subprocesses == {}
        assert play.do("c", 结果="同意").waiting_for() == ["b"]
        assert play.tasks(16)[0].data["结果"] == "同意"

    def test_a_skipped_call_completes_at_once(self):
        play = Play(line(call(binglian_skip="${not 需要}"), user("b")), 需要=False)
        assert play.waiting_for() == ["b"]

    def test_a_call_that_is_not_skipped_waits(self):
        assert Play(line(call(binglian_skip="${not 需要}"), user("b")), 需要=True).waiting_for() == ["c"]

    def test_one_call_for_each_department(self):
        loop = instances("", camunda_collection="departments", camunda_elementVariable="department")
        play = Play(line(call(inner=loop), user("b")), departments=["zrzy", "zjj", "sthj"])
        assert play.waiting_for() == ["c", "c", "c"]
        assert [task.data["department"] for task in play.started()] == ["zrzy", "zjj", "sthj"]
        play.do("c").do("c")
        assert play.waiting_for() == ["c"]
        assert play.do("c").waiting_for() == ["b"]

    def test_single_calls_of_several_can_be_skipped(self):
        loop = instances("", camunda_collection="departments", camunda_elementVariable="department")
        source = line(call(inner=loop, binglian_skip="${department == 'zjj'}"), user("b"))
        play = Play(source, departments=["zrzy", "zjj"])
        assert play.waiting_for() == ["c"]
        assert play.do("c").waiting_for() == ["b"]

    def test_no_department_no_call(self):
        loop = instances("", camunda_collection="departments", camunda_elementVariable="department")
        assert Play(line(call(inner=loop), user("b")), departments=[]).waiting_for() == ["b"]


class TestOperations:
    def test_a_service_task_waits_for_the_engine(self):
        play = Play(line(node("serviceTask", "x", binglian_operation="send_notice"), user("b")))
        assert play.waiting_for() == ["x"]
        assert play.started()[0].task_spec.operation == "send_notice"
        assert play.do("x", number="2026-1").waiting_for() == ["b"]

    def test_a_service_task_can_be_skipped(self):
        source = line(node("serviceTask", "x", binglian_operation="send_notice", binglian_skip="true"), user("b"))
        assert Play(source).waiting_for() == ["b"]

    def test_a_script_assigns(self):
        script = node("scriptTask", "x", "<bpmn:script>总数 = 数量 * 2\nok = true</bpmn:script>")
        assert Play(line(script, user("b")), 数量=21).tasks(16)[0].data == {"数量": 21, "总数": 42, "ok": True}


class TestSkippedWork:
    def test_a_skipped_task_is_never_shown(self):
        play = Play(line(user("a", binglian_skip="${simple}"), user("b")), simple=True)
        assert play.waiting_for() == ["b"]
        skipped = play.workflow.get_tasks(spec_name="a")[0]
        assert skipped.internal_data["skipped"] is True

    def test_skipped_tasks_in_a_row_reach_the_end(self):
        play = Play(line(*(user(f"t{n}", binglian_skip="true") for n in range(20))))
        assert play.workflow.completed


class TestTimers:
    @pytest.mark.parametrize(
        "kind, text, due",
        [
            ("timeDuration", "P5WD", "2026-03-09T23:59:59+08:00"),
            ("timeDuration", "5个工作日", "2026-03-09T23:59:59+08:00"),
            ("timeDuration", "PT2H", "2026-03-02T11:00:00+08:00"),
            ("timeDuration", '"P3D"', "2026-03-05T09:00:00+08:00"),
            ("timeDuration", "P1M", "2026-04-02T09:00:00+08:00"),
            ("timeDuration", "${days}", "2026-03-04T23:59:59+08:00"),
            ("timeDuration", "${text}", "2026-03-03T23:59:59+08:00"),
            ("timeDate", "2026-03-20T10:00:00", "2026-03-20T10:00:00+08:00"),
            ("timeDate", "2026-03-20T10:00:00Z", "2026-03-20T10:00:00+00:00"),
            ("timeDate", "${date}", "2026-06-01T00:00:00+08:00"),
            ("timeCycle", "R3/PT2H", "2026-03-02T11:00:00+08:00"),
        ],
    )
    def test_due_times(self, kind, text, due):
        catch = node("intermediateCatchEvent", "t", timer(kind, text))
        play = Play(line(catch, user("b")), days=2, text="1个工作日", date="2026-06-01")
        assert play.timer("t")["due"] == due
        assert play.waiting_for() == []

    def test_it_fires_when_due_and_not_before(self):
        play = Play(line(node("intermediateCatchEvent", "t", timer("timeDuration", "P1WD")), user("b")))
        assert play.wait_until("2026-03-03T23:59:58").waiting_for() == []
        assert play.wait_until("2026-03-03T23:59:59").waiting_for() == ["b"]

    def test_a_paused_timer_does_not_fire(self):
        play = Play(line(node("intermediateCatchEvent", "t", timer("timeDuration", "PT1H")), user("b")))
        play.timer("t")["paused"] = {"at": "2026-03-02T09:30:00+08:00"}
        assert play.wait_until("2026-04-01T00:00").waiting_for() == []
        del play.timer("t")["paused"]
        assert play.wait_until("2026-04-01T00:00").waiting_for() == ["b"]

    def test_a_start_event_may_wait(self):
        source = draw(start("s", timer("timeDuration", "PT1H")), user("a"), end(), *chain("s", "a", "e"))
        play = Play(source)
        assert play.waiting_for() == []
        assert play.wait_until("2026-03-02T10:00").waiting_for() == ["a"]

    def boundary(self, text, kind="timeDuration", cancel="false"):
        return draw(
            start(), user("a"), user("late"), end(), end("e2"),
            node("boundaryEvent", "t", timer(kind, text), attachedToRef="a", cancelActivity=cancel),
            *chain("s", "a", "e"), *chain("t", "late", "e2"),
        )  # fmt: skip

    def test_an_interrupting_boundary_timer(self):
        play = Play(self.boundary("P1WD", cancel="true"))
        assert play.waiting_for() == ["a"]
        assert play.wait_until("2026-03-04T00:00").waiting_for() == ["late"]

    def test_a_reminding_boundary_timer(self):
        play = Play(self.boundary("P1WD"))
        assert sorted(play.wait_until("2026-03-04T00:00").waiting_for()) == ["a", "late"]
        assert play.do("a").do("late").workflow.completed

    def test_reminders_repeat(self):
        play = Play(self.boundary("R2/P1WD", kind="timeCycle"))
        assert play.timer("t") == {"kind": "cycle", "due": "2026-03-03T23:59:59+08:00", "left": 2}
        play.wait_until("2026-03-04T08:00")
        assert play.waiting_for().count("late") == 1
        assert play.timer("t")["due"] == "2026-03-05T23:59:59+08:00"
        play.wait_until("2026-03-06T08:00")
        assert play.waiting_for().count("late") == 2
        play.wait_until("2026-05-01T08:00")
        assert sorted(play.waiting_for()) == ["a", "late", "late"]
        assert play.do("a").do("late").do("late").workflow.completed

    def test_a_task_done_in_time_ends_its_reminders(self):
        play = Play(self.boundary("R2/P1WD", kind="timeCycle"))
        assert play.do("a").workflow.completed

    def message_or_timer(self):
        source = draw(
            start(), node("eventBasedGateway", "g"), user("a"), end(),
            node("intermediateCatchEvent", "t", timer("timeDuration", "P1WD")),
            node("intermediateCatchEvent", "m", '<bpmn:messageEventDefinition messageRef="补正" />'),
            node("userTask", "b"), end("e2"),
            *chain("s", "g", "t", "a", "e"), *chain("g", "m", "b", "e2"),
        )  # fmt: skip
        message = '<bpmn:message id="补正" name="补正材料" />'.encode()
        return Play(source.replace(b"<bpmn:process", message + b"<bpmn:process", 1))

    def test_the_timer_comes_before_the_message(self):
        play = self.message_or_timer()
        assert play.waiting_for() == []
        assert play.timer("g")["due"] == "2026-03-03T23:59:59+08:00"
        names = [event.name for event in awaited_events(play.tasks(8)[0].task_spec)]
        assert names == ["t", "补正材料"]
        assert play.wait_until("2026-03-04T00:00").waiting_for() == ["a"]

    def test_the_message_comes_before_the_timer(self):
        play = self.message_or_timer().send("补正材料", 材料="图纸")
        assert play.waiting_for() == ["b"]
        assert play.tasks(16)[0].data["材料"] == "图纸"
        assert play.wait_until("2026-03-04T00:00").waiting_for() == ["b"]
        assert "seen_events" not in play.workflow.get_tasks(spec_name="g")[0].internal_data


class TestCountersigning:
    def votes(self, condition, *, sequential=False):
        loop = instances(
            "<bpmn:loopDataInputRef>voters</bpmn:loopDataInputRef>"
            "<bpmn:loopDataOutputRef>votes</bpmn:loopDataOutputRef>"
            '<bpmn:inputDataItem id="voter" /><bpmn:outputDataItem id="vote" />'
            f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>",
            sequential=sequential,
        )
        return line(user("会签", loop), user("b"))

    def cast(self, source, votes):
        play, used = Play(source, voters=VOTERS), 0
        for vote in votes:
            if "会签" in play.waiting_for():
                play.do("会签", vote=vote)
                used += 1
        return used, play

    @pytest.mark.parametrize(
        "condition, votes, used",
        [
            ('count(votes, "同意") &gt;= 2', ["同意", "不同意", "同意", "同意"], 3),
            ('vote == "不同意"', ["同意", "不同意", "同意"], 2),
            ("${nrOfCompletedInstances / nrOfInstances &gt;= 0.6}", ["同意"] * 5, 3),
            ("${nrOfActiveInstances == 1}", ["同意"] * 5, 4),
            ("false", ["同意"] * 5, 5),
        ],
    )
    def test_the_condition_counts_votes_as_they_come(self, condition, votes, used):
        count, play = self.cast(self.votes(condition), votes)
        assert (count, play.waiting_for()) == (used, ["b"])

    def test_one_after_the_other(self):
        play = Play(self.votes('count(votes, "同意") &gt;= 2', sequential=True), voters=VOTERS)
        assert play.waiting_for() == ["会签"]
        play.do("会签", vote="同意").do("会签", vote="不同意").do("会签", vote="同意")
        assert play.waiting_for() == ["b"]
        assert play.tasks(16)[0].data["votes"] == ["同意", "不同意", "同意"]

    @pytest.mark.parametrize("sequential", [True, False])
    def test_camunda_writes_no_output_and_may_use_the_same_item_twice(self, sequential):
        marks = {"camunda_collection": "${voters}", "camunda_elementVariable": "voter"}
        loop = instances(
            "<bpmn:completionCondition>${voter == '丁'}</bpmn:completionCondition>", sequential=sequential, **marks
        )
        play = Play(line(user("a", loop), user("b", loop), user("z")), voters=["甲", "丁", "戊"])
        play.do("a").do("a")
        assert set(play.waiting_for()) == {"b"}
        assert play.do("b").do("b").waiting_for() == ["z"]

    def test_cardinality(self):
        loop = instances("<bpmn:loopCardinality>${n}</bpmn:loopCardinality>")
        play = Play(line(user("a", loop), user("b")), n=3)
        assert play.waiting_for() == ["a"] * 3
        assert play.do("a").do("a").do("a").waiting_for() == ["b"]

    def test_a_text_is_no_list_of_its_characters(self):
        loop = instances("", camunda_collection="voters", camunda_elementVariable="voter")
        with pytest.raises(SpiffWorkflowException, match="is no list"):
            Play(line(user("a", loop)), voters="甲乙")

    def test_too_many_instances_are_refused_while_running(self):
        loop = instances("", camunda_collection="voters", camunda_elementVariable="voter")
        with pytest.raises(SpiffWorkflowException, match="More than 200"):
            Play(line(user("a", loop)), voters=list(range(201)))

    def test_instances_are_connected_before_anything_ran(self):
        loop = instances("<bpmn:loopCardinality>2</bpmn:loopCardinality>")
        spec = parse(line(user("a", loop))).processes["p"].spec
        assert spec.task_specs["a [child]"].completed_event.is_connected(spec.task_specs["a"].merge_child)
        connect_instances(spec)  # a second time changes nothing


def test_conditions_of_gateways():
    source = draw(
        start(), node("exclusiveGateway", "g", default="no"), user("a"), user("b"), end(),
        flow("s", "g"), flow("g", "a", "${approved == true && 金额 > 100}"), flow("g", "b", flow_id="no"),
        flow("a", "e"), flow("b", "e"),
    )  # fmt: skip
    assert Play(source, approved=True, 金额=101).waiting_for() == ["a"]
    assert Play(source, approved=True, 金额=100).waiting_for() == ["b"]
