"""办件进度: what the applicant sees, and what a number shows to anybody."""
from __future__ import annotations

from dataclasses import asdict

import pytest

from engine.api import picture
from parallel.cases import actions
from parallel.cases.errors import TrackingNotFound
from parallel.cases.queries import case_view, public_tracking, timeline
from tests.builders_cases import CLERK, ZHANG, case_of, shipped

pytestmark = pytest.mark.template("shipped", shipped)


@pytest.mark.req("TRACK-2")
def test_a_number_shows_state_and_times_and_nothing_personal(hall):
    application = hall.accepted(hall.project(), "L02")
    shown = public_tracking(f" {application.number} ")
    assert (shown.state_zh, shown.accepted_at) == ("已受理", application.accepted_at)
    [part] = shown.parts
    assert [step.name.split(" · ")[0] for step in part.steps] == ["窗口受理", "审查"]
    assert part.steps[0].until is not None and part.steps[1].until is None
    assert public_tracking(application.cases[0].number) == part

    text = str(asdict(shown))
    for personal in (application.applicant_name, application.applicant_id_number, application.contact_phone, ZHANG,
                     CLERK, "第一中学新校区"):
        assert personal not in text

    draft = hall.draft(hall.project(), "L02")
    refusals = set()
    for number in ("130200ZHCK20260302999999", "", "%", str(draft.id), "' or 1=1 --", application.number[:-1]):
        with pytest.raises(TrackingNotFound) as refused:
            public_tracking(number)
        refusals.add((str(refused.value), refused.value.code, refused.value.status))
    assert len(refusals) == 1


@pytest.mark.req("TRACK-3")
def test_the_next_step_shows_as_soon_as_one_is_done(hall):
    case = hall.accepted(hall.project(), "L02").cases[0]
    instance_id = hall.task(case, "review").instance_id
    assert running(instance_id) == {"review"}
    hall.review(case)
    assert running(instance_id) == {"decide"}
    assert picture(instance_id).elements["review"].state == "done"
    assert [step.name.split(" · ")[0] for step in case_view(case, hall.at.date()).steps if step.status == "open"] == ["决定"]
    assert public_tracking(case.number).steps[-1].name.startswith("决定")


def running(instance_id):
    return {key for key, element in picture(instance_id).elements.items() if element.state == "running"}


def test_a_case_tells_its_whole_story(hall):
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    application = hall.accepted(project, "X01", "L02", "L01")
    case = case_of(application, "L02")
    hall.later(days=1)
    task = hall.task(case, "review")
    hall.do(actions.start_special_procedure, task.id, "专家评审", "方案复杂", by=hall.officer(case))
    view = case_view(case, hall.at.date())
    assert view.text.zh == "挂起" and view.light.paused and [pause.procedure for pause in view.pauses] == ["专家评审"]
    hall.later(days=3)
    hall.do(actions.end_special_procedure, hall.task(case, "special").id, "评审通过", by=hall.officer(case))
    hall.approve(case)

    story = [(entry.kind, entry.title) for entry in timeline(case)]
    assert story == [
        ("application", "提交申请"), ("clock", "开始审查，起算时限"), ("document", "出具受理通知书"),
        ("opinion", "启动特别程序"), ("opinion", "特别程序结束"), ("opinion", "审查通过"), ("document", "出具审批决定书"),
        ("opinion", "决定：准予"), ("opinion", "制证送达"),
        ("licence", "《规划条件通知书(用地性质/容积率/建筑密度/绿地率/限高/停车/配建)》"), ("closed", "办结（准予许可）"),
    ]
    view = case_view(case, hall.at.date())
    assert view.licence.number and [opinion.by for opinion in view.opinions] == [hall.officer(case)] * 5
    assert [document.kind for document in view.documents] == ["acceptance", "decision"]

    waiting = case_view(case_of(application, "L01"), hall.at.date())
    assert waiting.text.zh == "等待前置结果" and len(waiting.waits_for) == 1 and waiting.light is None
