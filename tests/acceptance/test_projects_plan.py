"""PARALLEL-INV-2 as the book states it, and a project's way through its stages."""
from datetime import timedelta

import pytest

from engine.api import db, unit_of_work
from parallel.cases.models import Application, Case
from parallel.items.actions import suspend_item
from parallel.items.queries import current_item, current_items
from parallel.projects.actions import close_stage_if_met, open_stage_early, register_project, revise_attributes
from parallel.projects.applicability import applicable_items
from parallel.projects.errors import (
    AttributesInUse, ProjectCodeInvalid, ProjectCodeTaken, ProjectInvalid, StageMayNotOpenEarly,
)
from parallel.projects.notice import make_notice
from parallel.projects.queries import (
    notice_of, missing_results, project_overview, project_plan, search_projects, stage_of, waiting_cases_ready,
)
from tests.unit.parallel.items.prepared import MONDAY, WITH_CATALOGUE
from tests.unit.parallel.projects.catalogue import scenario_values

pytestmark = [WITH_CATALOGUE, pytest.mark.usefixtures("app")]
OWNER = "public:zhang"


def register(scenario: str = "S1", **fields):
    values = {
        "name": "唐山市第一中学新校区", "organisation": "唐山市教育建设有限公司", "organisation_code": "91130202MAAY4CL12T",
        "division_code": "130200", "attributes": scenario_values(scenario), "owner": OWNER, "by": OWNER, "at": MONDAY,
    }
    return unit_of_work(lambda: register_project(**values | fields))


def file_case(project, code: str, state: str) -> Case:
    """A case as the act of filing leaves it, at one state; the acts themselves have tests of their own."""
    def act() -> Case:
        item = current_item(code)
        application = Application(
            applicant=OWNER, applicant_name="张三", applicant_id_number="1", contact_phone="1", project_id=project.id,
            stage_number=item.stage, division_code="130200", state="accepted", delivery="online", form={}, checks={},
            corrections=[], tolerated=[], created_at=MONDAY,
        )
        case = Case(project_id=project.id, item=item, item_code=code, department_code=item.department_code, state=state)
        application.cases.append(case)
        db.session.add(application)
        db.session.flush()
        return case

    return unit_of_work(act)


def approve(project, *codes: str) -> None:
    for code in codes:
        file_case(project, code, "approved")


def close(project, number: int) -> bool:
    return unit_of_work(lambda: close_stage_if_met(project, number, MONDAY))


def states(project) -> list[str]:
    return [stage.state for stage in project.stages]


@pytest.mark.req("PARALLEL-INV-2")
def test_items_and_materials_on_one_notice():
    """按项目情形生成事项+材料清单,材料去重. Counted by hand in the catalogue for a school:

    B08 4, B09 5, B12 7, B13 6, B16 11 = 33 materials. Of their own: 2 + 3 + 4 + 6 + 4 = 19. The other 14 are the
    results of B06 (5 times), B02 (3), B11 (2), L06, B12, B13 and B15 (once each) = 7. So 33 become 26.
    """
    project = register()
    chosen = [current_item(code) for code in ("B08", "B09", "B12", "B13", "B16")]
    notice = make_notice(chosen, project.attributes, applicable_items(current_items(), project.attributes))
    assert (len(notice.items), notice.asked, notice.once) == (5, 33, 26)
    results = {entry.key: len(entry.uses) for entry in notice.materials if entry.results_of}
    assert results == {
        "result:B06": 5, "result:B02": 3, "result:B11": 2, "result:L06": 1, "result:B12": 1, "result:B13": 1,
        "result:B15": 1,
    }
    assert len(notice.to_hand_in) == 18  # 19 less 临时性建筑批准文件, which the department brings


def test_the_notice_of_a_project_follows_its_facts():
    project = register()
    notice = notice_of(project)
    assert [item.code for item in notice.items] == [item.code for item in project_plan(project).items.values()]
    assert len(notice.items) == 51 and len(notice.decisions) == 101
    assert notice.once < notice.asked


def test_a_project_is_registered_under_its_code():
    project = register(code="2304-130200-04-01-135254")
    assert (project.code, project.template_id, project.stages[0].promised_days) == (
        "2304-130200-04-01-135254", "T01", 16)
    assert states(project) == ["open", "not_started", "not_started", "not_started", "open"]
    assert [stage.process_key for stage in project.stages] == [
        "stage-T01-1", "stage-T01-2", "stage-T01-3", "stage-T01-4", "stage-common"]
    with pytest.raises(ProjectCodeTaken):
        register(code="2304-130200-04-01-135254")
    with pytest.raises(ProjectCodeInvalid):
        register(code="")
    assert [register().code for _ in range(2)] == ["2603-130200-04-01-00001C", "2603-130200-04-01-00002C"]
    assert search_projects("jiaoyu 第一中学", owner=OWNER).total == 3
    assert search_projects("135254").rows == [project]
    assert search_projects(owner="public:li").total == 0


def test_what_is_wrong_in_a_registration_is_said_field_by_field():
    with pytest.raises(ProjectInvalid) as caught:
        register(name="", organisation_code="91130202MAAY4CL12A", division_code="999999", attributes={"land_ha": -1})
    assert set(caught.value.errors) == {"name", "organisation_code", "division_code", "land_ha"}


def test_prerequisites_are_met_by_approved_cases():
    project = register()
    assert [(each.need, each.any_of) for each in missing_results(project, "X02")] == [
        ("项目建议书批复", ("X01",)), ("用地预审与选址意见书", ("L01",)), ("社会稳定风险评估意见", ("E01",))]
    assert str(missing_results(project, "X02")[0]) == "项目建议书批复（须先办结“政府投资项目建议书审批”）"
    approve(project, "X01", "L01")
    file_case(project, "E01", "in_review")
    assert [each.any_of for each in missing_results(project, "X02")] == [("E01",)]
    waiting = file_case(project, "X02", "waiting")
    assert unit_of_work(lambda: waiting_cases_ready(project)) == []
    approve(project, "E01")
    assert missing_results(project, "X02") == []
    assert [case.id for case in waiting_cases_ready(project)] == [waiting.id]


def test_a_suspended_item_is_no_prerequisite():
    project = register()
    unit_of_work(lambda: suspend_item("E01", "staff:m", MONDAY))
    assert "E01" not in {code for each in missing_results(project, "X02") for code in each.any_of}


def test_a_stage_closes_by_its_milestone_and_opens_the_next():
    project = register()
    approve(project, "X00", "X01")
    assert not close(project, 1)
    approve(project, "L06")
    assert close(project, 1) and not close(project, 1)
    assert states(project) == ["closed", "open", "not_started", "not_started", "open"]
    assert stage_of(project, 2).opened_at == MONDAY


def test_without_a_milestone_that_applies_all_items_of_the_stage_decide_and_empty_stages_close_by_themselves():
    project = register("S6")
    approve(project, "X00")
    assert not close(project, 1)
    approve(project, "X05")
    assert close(project, 1)
    assert states(project) == ["closed", "closed", "open", "not_started", "open"]  # nothing applies to stage 2
    approve(project, "B16")
    assert close(project, 3)
    approve(project, "C03", "C06")
    assert not close(project, 4)
    approve(project, "C09")
    assert close(project, 4)
    assert not close(project, 5)  # nothing runs beside the stages here


def test_milestone_type_two_needs_any_one():
    project = register()
    stage = stage_of(project, 1)
    stage.milestone_type, stage.milestone_items = 2, ["L06", "X02"]
    db.session.commit()
    approve(project, "X02")
    assert close(project, 1)


def test_a_stage_may_open_early_where_that_is_configured():
    project = register()
    act = {"reason": "急", "by": "staff:m", "at": MONDAY}
    with pytest.raises(StageMayNotOpenEarly):
        unit_of_work(lambda: open_stage_early(project, 2, allowed=False, **act))
    unit_of_work(lambda: open_stage_early(project, 2, allowed=True, **act))
    assert states(project)[:2] == ["open", "open"]
    approve(project, "B02")
    assert close(project, 2) and states(project)[:3] == ["open", "closed", "open"]


def test_facts_may_change_until_an_item_they_remove_is_filed():
    project = register()
    change = unit_of_work(lambda: revise_attributes(project, {"social_risk": False, "rural": True}, OWNER, MONDAY))
    assert (change.added, change.removed) == (["L06T"], ["E01", "B02"])
    file_case(project, "E11", "in_review")
    with pytest.raises(AttributesInUse, match="交通影响评价"):
        unit_of_work(lambda: revise_attributes(project, {"traffic_impact": False}, OWNER, MONDAY))
    assert project.attributes["traffic_impact"] is True


def test_the_overview_shows_each_item_with_its_case():
    project = register()
    approve(project, "X00")
    file_case(project, "X01", "withdrawn")
    running = file_case(project, "X01", "in_review")
    unit_of_work(lambda: setattr(db.session.get(Case, running.id), "promised_on", (MONDAY + timedelta(3)).date()))
    overview = project_overview(project)
    assert (overview.done, overview.total, overview.current_stage.number) == (1, 51, 1)
    assert [len(view.items) for view in overview.stages] == [7, 7, 21, 13, 3]
    by_code = {entry.item.code: entry for view in overview.stages for entry in view.items}
    entry = by_code["X01"]
    assert (entry.state, entry.case.id, entry.department.code) == ("in_review", running.id, "fgw")
    assert entry.due_on == (MONDAY + timedelta(3)).date() and entry.waits_for == []
    assert by_code["L06"].is_milestone and by_code["L06"].state == "not_filed" and by_code["L06"].waits_for
