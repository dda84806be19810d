"""网上申请: drafting, filing, correcting, withdrawing."""
from __future__ import annotations

import pytest

from engine.api import OutboxEvent, Task, broken_links, db, unit_of_work
from parallel.cases import actions
from parallel.cases.errors import (
    AlreadyFiled,
    FormIncomplete,
    IllegalAct,
    ItemsNotTogether,
    MaterialsMissing,
    NoItemsChosen,
    NotApplicable,
    NotEditable,
    NotYourProject,
    ProcessNotBound,
    ProjectCodeMissing,
)
from parallel.cases.models import Case
from parallel.cases.queries import application_view, my_applications
from parallel.items.models import ServiceItem
from parallel.materials.errors import MaterialInUse, MaterialNotAsked, MaterialUnknown
from parallel.materials.models import Material, StoredFile
from parallel.materials.queries import asked_materials, current_materials, versions_of
from parallel.projects.errors import StageNotOpen
from tests.builders_cases import CLERK, ZHANG, case_of, paper, shipped

pytestmark = pytest.mark.template("shipped", shipped)
DRAWING, COORDINATES = "选址位置地形图", "用地边界拐点坐标表"  # keys; the names say more
DRAWING_NAME, COORDINATES_NAME = "选址位置地形图(CGCS2000)", "用地边界拐点坐标表(TXT)"


@pytest.mark.req("PORTAL-APPLY-5")
def test_only_what_was_pointed_out_can_be_corrected_and_both_versions_stay(hall):
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    application = hall.file(project, "X01")
    accept_task = hall.open_tasks(step="accept")[0]
    items = [{"material_key": "项目建议书文本", "reason": "缺投资估算"}, {"field": "funding", "reason": "与文本不一致"}]
    hall.do(actions.request_correction, application, items, by=CLERK)

    now = application_view(application).editable
    assert (now.everything, now.material_keys, now.fields) == (False, {"项目建议书文本"}, {"funding"})
    with pytest.raises(NotEditable):
        hall.hand_in(application, "项目建议书审批申请文件")
    with pytest.raises(NotEditable):
        hall.do(actions.save_draft, application, {"summary": "改了"}, by=ZHANG)
    with pytest.raises(MaterialInUse):
        hall.do(actions.remove_material, application, "项目建议书文本", by=ZHANG)

    hall.hand_in(application, "项目建议书文本", paper("第二稿", "建议书-2.pdf"))
    hall.do(actions.save_draft, application, {"funding": "市级财政资金"}, by=ZHANG)
    hall.do(actions.submit_correction, application, by=ZHANG)
    [again] = hall.open_tasks(step="accept")
    assert again.element_id == accept_task.element_id and again.instance_id == accept_task.instance_id
    first, second = versions_of(application, "项目建议书文本")
    assert (first.version, first.is_current, second.version, second.is_current) == (1, False, 2, True)
    assert first.file.sha256 != second.file.sha256 and second.file_name == "建议书-2.pdf"


@pytest.mark.req("PARALLEL-INV-3")
def test_five_items_filed_at_once_are_one_application_with_five_numbered_cases(hall):
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    application = hall.file(project, "X01", "L01", "L02", "X02", "E01")
    assert application.state == "submitted" and application.number == "130200ZHCK20260302000001"
    assert [case.number for case in application.cases] == [f"{application.number}-{n:02d}" for n in range(1, 6)]
    assert {case.application_id for case in application.cases} == {application.id}
    [task] = hall.open_tasks()
    assert task.step == "accept" and task.business_key == f"application:{application.id}"


@pytest.mark.req("PARALLEL-INV-1")
def test_a_stage_opens_for_applications_when_the_one_before_has_closed(hall):
    project = hall.project()
    early = hall.draft(project, "B01")
    with pytest.raises(StageNotOpen):
        hall.submit(early)
    for code in ("X00", "X01", "L01", "L02", "E01", "X02"):
        hall.approve(hall.accepted(project, code).cases[0])
    with pytest.raises(StageNotOpen):
        hall.submit(early)
    hall.approve(hall.accepted(project, "L06").cases[0])
    assert [stage.state for stage in project.stages] == ["closed", "open", "not_started", "not_started", "open"]
    hall.hand_in_all(early)
    hall.submit(early)
    assert early.state == "submitted"


def test_a_draft_needs_nothing_and_can_be_changed(hall):
    project = hall.project()
    draft = hall.draft(project, fill=False)
    with pytest.raises(NoItemsChosen):
        hall.submit(draft)
    hall.do(actions.choose_items, draft, ["L02", "X01"], by=ZHANG)
    assert [case.item_code for case in draft.cases] == ["L02", "X01"] and draft.stage_number == 1
    hall.do(actions.choose_items, draft, ["L02"], by=ZHANG)
    with pytest.raises(FormIncomplete) as refused:
        hall.submit(draft)
    assert {"summary", "site", "truth_promise"} <= set(refused.value.fields)
    hall.do(actions.save_draft, draft, {"summary": "  教学楼  ", "project_code": "hacked", "nothing": 1}, by=ZHANG)
    assert draft.form["summary"] == "教学楼" and "project_code" not in draft.form and "nothing" not in draft.form
    with pytest.raises(ItemsNotTogether):
        hall.do(actions.choose_items, draft, ["L02", "B01"], by=ZHANG)


def test_choosing_the_same_item_again_keeps_what_was_handed_in(hall):
    draft = hall.draft(hall.project(), "X01")
    hall.hand_in(draft, "项目建议书文本")
    hall.do(actions.choose_items, draft, ["X01", "L02"], by=ZHANG)
    assert list(current_materials(draft)) == ["项目建议书文本"]


def test_a_removed_material_is_asked_for_again(hall):
    draft = hall.draft(hall.project(), "X01")
    hall.hand_in(draft, "项目建议书文本")
    hall.do(actions.remove_material, draft, "项目建议书文本", by=ZHANG)
    assert current_materials(draft) == {}
    hall.hand_in(draft, "项目建议书文本")
    assert [material.version for material in versions_of(draft, "项目建议书文本")] == [1, 2]


def test_required_materials_are_required_and_results_are_not_asked_for(hall):
    draft = hall.draft(hall.project(), "L01")
    with pytest.raises(MaterialsMissing) as refused:
        hall.submit(draft)
    assert set(refused.value.missing) == {DRAWING_NAME, COORDINATES_NAME}
    with pytest.raises(MaterialNotAsked):
        hall.hand_in(draft, "result:X01")
    with pytest.raises(MaterialUnknown):
        hall.hand_in(draft, "不存在")


@pytest.mark.req("PARALLEL-INV-11")
def test_no_code_no_application_and_every_step_is_reported(hall):
    with pytest.raises(ProjectCodeMissing):
        hall.submit(hall.draft(None, "L02"))

    project = hall.project()
    case = hall.accepted(project, "L02").cases[0]
    hall.approve(case)
    events = reported("CaseStepReported")
    assert [event.payload["step"] for event in events] == ["accept", "review", "decide", "issue"]
    assert {event.payload["project_code"] for event in events} == {project.code}
    tasks = db.session.scalars(db.select(Task).where(Task.status == "completed").order_by(Task.completed_at))
    assert [event.key for event in events] == [f"step:{task.id}:{case.id}" for task in tasks]
    [result] = reported("CaseResultReported")
    assert result.key == f"result:{case.number}" and result.payload["result"] == "approved"
    assert result.payload["licence_number"] and result.payload["item_code"] == "L02"


def reported(kind):
    return list(db.session.scalars(db.select(OutboxEvent).filter_by(kind=kind).order_by(OutboxEvent.id)))


def test_what_does_not_apply_or_is_filed_already_cannot_be_filed(hall):
    project = hall.project()
    with pytest.raises(NotApplicable):
        hall.submit(hall.draft(project, "X05"))
    first, second = hall.draft(project, "L02"), hall.draft(project, "L02")
    hall.submit(first)
    with pytest.raises(AlreadyFiled):
        hall.submit(second)
    hall.do(actions.withdraw_application, first, "填错了", by=ZHANG)
    hall.submit(second)
    hall.accept(second)
    hall.refuse(second.cases[0])
    assert hall.file(project, "L02").state == "submitted"  # after a refusal one may apply again


def test_anothers_project_is_no_ones_to_apply_for(hall):
    with pytest.raises(NotYourProject):
        hall.draft(hall.project(), "L02", applicant="public:li")


def test_an_item_without_a_deployed_process_cannot_be_filed(hall):
    draft = hall.draft(hall.project(), "L02")
    unit_of_work(lambda: db.session.execute(
        db.update(ServiceItem).where(ServiceItem.code == "L02").values(process_key="nowhere")))
    with pytest.raises(ProcessNotBound):
        hall.submit(draft)


def test_withdrawing_ends_what_runs_and_keeps_what_has_ended(hall):
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    application = hall.accepted(project, "X01", "L02", "L01")
    hall.approve(case_of(application, "L02"))
    hall.do(actions.withdraw_application, application, "项目取消", by=ZHANG)
    assert {case.item_code: case.state for case in application.cases} == {
        "X01": "withdrawn", "L02": "approved", "L01": "withdrawn"}
    assert application.state == "withdrawn" and hall.open_tasks() == []
    with pytest.raises(IllegalAct):
        hall.do(actions.withdraw_application, application, "再来", by=ZHANG)


def test_ones_own_list_holds_ones_own(hall):
    mine = [hall.draft(hall.project(), "L02") for _ in range(3)]
    hall.draft(hall.project(owner="public:li"), "L02", applicant="public:li")
    page = my_applications(ZHANG, per_page=2)
    assert page.total == 3 and page.pages == 2 and [row.id for row in page.rows] == [mine[2].id, mine[1].id]
    assert my_applications(ZHANG, states=["submitted"]).total == 0


def test_equal_files_are_stored_once(hall):
    draft = hall.draft(hall.project(), "L01")
    hall.hand_in(draft, DRAWING, paper("同一份"))
    hall.hand_in(draft, COORDINATES, paper("同一份"))
    assert db.session.scalar(db.select(db.func.count()).select_from(Material)) == 2
    assert db.session.scalar(db.select(db.func.count()).select_from(StoredFile)) == 1


def test_everything_that_happened_is_in_unbroken_chains(hall):
    case = hall.accepted(hall.project(), "L02").cases[0]
    hall.approve(case)
    assert list(broken_links()) == []


def test_cases_of_a_draft_are_drafts(hall):
    draft = hall.draft(hall.project(), "L02")
    assert [case.state for case in draft.cases] == ["draft"]
    assert db.session.scalar(db.select(Case.number)) is None
    assert [entry.standing for entry in asked_materials(draft)]
