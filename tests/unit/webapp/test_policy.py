"""Who may do what to which object: every rule, for everyone it must let in and everyone it must not."""
import pytest
from flask import Blueprint
from sqlalchemy import select

from engine.api import ProcessDefinition, ProcessFile, ProcessInstance, Task, TaskCandidate
from engine.db import db, unit_of_work
from parallel.cases.models import Application, Case
from parallel.items.models import ServiceItem
from parallel.materials.models import Material, MaterialUse
from parallel.notifications.models import Notification
from parallel.projects.models import Project
from tests.builders import (
    DIVISION, MORNING, build_account, build_clerk, build_staff, fill_catalogue, principal,
)
from webapp import policy
from webapp.errors import Forbidden, NotFound
from webapp.policy import allows, permit, require
from webapp.principal import NOBODY

pytestmark = pytest.mark.template("catalogue", fill_catalogue)


class Town:
    """A project with one application of two items for two departments, and everybody who might ask for it."""

    def __init__(self):
        for login in ("zhang", "wang"):
            build_account(login)
        build_clerk("clerk")
        build_clerk("clerk-one-item", items=("X01",))
        build_clerk("clerk-elsewhere", division="330100")
        items = {code: db.session.scalar(select(ServiceItem).where(ServiceItem.code == code, ServiceItem.is_current)) for code in ("X01", "X02")}
        self.items = items
        departments = {items[code].department_code for code in items}
        if len(departments) == 1:  # the two must be of different departments
            other = db.session.scalar(select(ServiceItem).where(ServiceItem.is_current, ServiceItem.department_code.not_in(departments)).order_by(ServiceItem.code))
            items["X02"] = other
        self.first, self.second = items["X01"], items["X02"]
        build_staff("officer", "officer", department=self.first.department_code)
        build_staff("beside", "officer", department=self.second.department_code)
        build_staff("stranger", "officer", department="jyj")
        build_staff("monitor", "monitor")
        build_staff("province", "monitor", division="130000")
        build_staff("monitor-elsewhere", "monitor", division="330000")
        for role in ("item_manager", "process_designer", "administrator"):
            build_staff(role.replace("_", "-"), role)
        self.application = unit_of_work(self._file)

    def _file(self):
        project = Project(
            code="2611-130202-04-01-100001", name="示范项目", search_text="", owner="public:zhang", organisation="公司",
            organisation_code="91130202MAAY4CL12T", division_code=DIVISION, template_id="T01", attributes={}, created_at=MORNING,
        )
        db.session.add(project)
        db.session.flush()
        application = Application(
            applicant="public:zhang", applicant_name="张", applicant_id_number="x", contact_phone="x", project_id=project.id,
            division_code=DIVISION, state="submitted", delivery="hall", form={}, checks={}, tolerated=[], corrections=[], created_at=MORNING,
            cases=[
                Case(item_id=item.id, project_id=project.id, item_code=item.code, department_code=item.department_code, state="submitted")
                for item in (self.first, self.second)
            ],
        )
        db.session.add(application)
        return application

    @property
    def project(self):
        return db.session.get(Project, self.application.project_id)

    @property
    def case(self):
        return next(case for case in self.application.cases if case.item_code == self.first.code)

    def draft(self):
        unit_of_work(lambda: setattr(db.session.merge(self.application), "state", "draft"))


@pytest.fixture
def town(app):
    return Town()


EVERYBODY = (
    "public:zhang", "public:wang", "staff:clerk", "staff:clerk-one-item", "staff:clerk-elsewhere", "staff:officer", "staff:beside",
    "staff:stranger", "staff:monitor", "staff:province", "staff:monitor-elsewhere", "staff:item-manager", "staff:process-designer",
    "staff:administrator",
)
CLERKS, MONITORS = {"staff:clerk", "staff:clerk-one-item"}, {"staff:monitor", "staff:province"}
OFFICERS = {"staff:officer", "staff:beside"}


def allowed(rule, obj):
    return {account for account in EVERYBODY if allows(rule, obj, principal=principal(account))}


def seen(model, filter_):
    return {account for account in EVERYBODY if db.session.scalars(select(model).where(filter_(principal(account)))).first()}


# --- applications and cases -------------------------------------------------------------------------

def test_an_application_is_seen_by_its_applicant_window_departments_and_monitors(town):
    assert allowed("application.read", town.application) == {"public:zhang"} | CLERKS | OFFICERS | MONITORS
    assert seen(Application, policy.visible_applications) == {"public:zhang"} | CLERKS | OFFICERS | MONITORS


def test_a_draft_is_seen_by_its_applicant_alone(town):
    town.draft()
    for rule, subject in (("application.read", town.application), ("case.read", town.case)):
        assert allowed(rule, subject) == {"public:zhang"}
    assert seen(Application, policy.visible_applications) == {"public:zhang"} == seen(Case, policy.visible_cases)


@pytest.mark.parametrize("verb", ["edit", "correct", "withdraw"])
def test_only_the_applicant_changes_an_application(town, verb):
    assert allowed(f"application.{verb}", town.application) == {"public:zhang"}


@pytest.mark.req("ACCEPT-1")
def test_a_clerk_handles_only_what_every_item_of_it_is_authorised_for(town):
    assert allowed("application.handle", town.application) == {"staff:clerk"}
    assert seen(Application, policy.handleable_applications) == {"staff:clerk"}


@pytest.mark.req("ACCEPT-1")
def test_handling_beyond_the_authorisation_is_forbidden_and_not_hidden(town):
    with pytest.raises(Forbidden):
        require("application.handle", town.application, principal=principal("staff:clerk-one-item"))
    with pytest.raises(NotFound):
        require("application.handle", town.application, principal=principal("staff:clerk-elsewhere"))


@pytest.mark.req("ACCEPT-1")
def test_authorised_for_all_its_items_one_by_one_is_enough(town):
    build_clerk("both", items=(town.first.code, town.second.code))
    assert allows("application.handle", town.application, principal=principal("staff:both"))
    assert db.session.scalars(select(Application).where(policy.handleable_applications(principal("staff:both")))).all()


def test_departments_of_one_project_read_each_others_cases_and_move_only_their_own(town):
    assert allowed("case.read", town.case) == {"public:zhang"} | CLERKS | OFFICERS | MONITORS
    assert allowed("case.handle", town.case) == {"staff:officer"}
    assert seen(Case, policy.handleable_cases) == OFFICERS
    assert seen(Case, lambda who: policy.visible_cases(who) & (Case.id == town.case.id)) == allowed("case.read", town.case)


def test_a_single_case_without_a_project_is_seen_beside_it_in_its_application_only(town):
    def cut():
        for case in db.session.merge(town.application).cases:
            case.project_id = None

    unit_of_work(cut)
    assert allowed("case.read", town.case) == {"public:zhang"} | CLERKS | OFFICERS | MONITORS


def test_a_project_is_seen_by_its_owner_and_those_who_work_on_it(town):
    assert allowed("project.read", town.project) == {"public:zhang"} | CLERKS | OFFICERS | MONITORS
    assert seen(Project, policy.visible_projects) == {"public:zhang"} | CLERKS | OFFICERS | MONITORS
    assert allowed("project.apply", town.project) == allowed("project.edit", town.project) == {"public:zhang"}


def test_a_material_is_read_by_the_departments_it_serves_only(town):
    def hand_in():
        material = Material(
            application_id=town.application.id, key="k", name="图", version=1, is_current=True, source="applicant",
            trust_level="D", verify_required=False, handed_in_by="public:zhang", handed_in_at=MORNING,
        )
        db.session.add(material)
        db.session.flush()
        requirement = town.first.requirements[0].id
        db.session.add(MaterialUse(material_id=material.id, case_id=town.case.id, requirement_id=requirement))
        return material

    assert allowed("material.read", unit_of_work(hand_in)) == {"public:zhang", "staff:officer"} | CLERKS | MONITORS


def test_a_notification_is_its_receivers(town):
    notification = Notification(account="public:zhang", node="accepted", text="x", created_at=MORNING, sms_state="none")
    unit_of_work(lambda: db.session.add(notification))
    assert allowed("notification.read", notification) == {"public:zhang"} == seen(Notification, policy.visible_notifications)


# --- tasks ------------------------------------------------------------------------------------------

def make_task(business_key, *, assignee=None, candidates=()):
    def act():
        file = ProcessFile(sha256="0" * 64, file_name="x", source=b"", deployed_by="x", deployed_at=MORNING)
        db.session.add(file)
        db.session.flush()
        definition = ProcessDefinition(file_id=file.id, key="k", version=1, name="x")
        db.session.add(definition)
        db.session.flush()
        db.session.add(ProcessInstance(
            id="i", definition_id=definition.id, root_id="i", business_key=business_key, status="active", state=b"",
            started_at=MORNING, started_by="public:zhang",
        ))
        db.session.flush()
        task = Task(
            id="t", instance_id="i", root_id="i", business_key=business_key, element_id="e", name="审查", status="open",
            assignee=assignee, created_at=MORNING,
        )
        db.session.add(task)
        db.session.flush()
        db.session.add_all(TaskCandidate(task_id="t", group_name=group) for group in candidates)

    unit_of_work(act)
    return db.session.get_one(Task, "t")


def test_a_candidate_acts_on_a_case_of_its_own_department_only(town):
    task = make_task(f"case:{town.case.id}", candidates=("officer",))  # a group wider than the department
    assert allowed("task.act", task) == {"staff:officer"}


def test_what_a_colleague_has_claimed_is_the_colleagues(town):
    build_staff("colleague", "officer", department=town.first.department_code)
    task = make_task(f"case:{town.case.id}", assignee="staff:colleague", candidates=(f"officer@{town.first.department_code}",))
    assert allowed("task.act", task) == set()
    assert allows("task.act", task, principal=principal("staff:colleague"))
    assert "staff:officer" in allowed("task.read", task)


@pytest.mark.req("ACCEPT-1")
def test_the_windows_task_is_for_clerks_who_may_handle_the_application(town):
    task = make_task(f"application:{town.application.id}", candidates=("window_clerk",))
    assert allowed("task.act", task) == {"staff:clerk"}
    with pytest.raises(Forbidden):
        require("task.act", task, principal=principal("staff:clerk-one-item"))


def test_a_correction_is_the_applicants(town):
    task = make_task(f"application:{town.application.id}", assignee="public:zhang")
    assert allowed("task.act", task) == {"public:zhang"}


def test_a_process_without_a_case_belongs_to_whoever_works_on_it(town):
    task = make_task("order:1", candidates=("monitor",))
    assert allowed("task.act", task) == MONITORS | {"staff:monitor-elsewhere"}
    instance = db.session.get_one(ProcessInstance, "i")
    assert allowed("instance.read", instance) == MONITORS | {"staff:monitor-elsewhere", "staff:process-designer", "public:zhang"}


def test_an_instance_is_seen_by_whoever_sees_its_case(town):
    make_task(f"case:{town.case.id}")
    assert allowed("instance.read", db.session.get_one(ProcessInstance, "i")) == allowed("case.read", town.case)


# --- roles ------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("rule", "who"), [
    ("process.deploy", {"staff:process-designer"}),
    ("item.manage", {"staff:item-manager"}),
    ("monitor.view", MONITORS | {"staff:monitor-elsewhere"}),
    ("account.manage", {"staff:administrator"}),
    ("delivery.manage", {"staff:administrator"}),
    ("process.read", {account for account in EVERYBODY if account.startswith("staff:")}),
])
def test_what_belongs_to_a_role(town, rule, who):
    assert allowed(rule, None) == who
    assert not allows(rule, None, principal=NOBODY)


def test_drafts_of_items_are_for_item_managers(town):
    draft = ServiceItem(status="draft")
    assert allowed("item.read", draft) == {"staff:item-manager"}
    assert allows("item.read", ServiceItem(status="published"), principal=NOBODY)


# --- live pages -------------------------------------------------------------------------------------

def test_one_hears_only_of_what_one_may_see(town):
    who = lambda topic: {account for account in EVERYBODY if policy.may_listen(principal(account), topic)}
    assert who(f"project:{town.project.id}") == allowed("project.read", town.project)
    assert who(f"application:{town.application.id}") == allowed("application.read", town.application)
    assert who(f"case:{town.case.id}") == allowed("case.read", town.case)
    assert who("user:public:zhang") == {"public:zhang"}
    assert who(f"group:officer@{town.first.department_code}") == {"staff:officer"}
    assert who("items") == set(EVERYBODY)
    for nothing in ("project:999", "project:x", "case:", "process:none", "user:", "group:", "", "secret:1"):
        assert who(nothing) == set()
        assert not policy.may_listen(NOBODY, nothing)


# --- routes -----------------------------------------------------------------------------------------

def with_route(app, rule, view):
    blueprint = Blueprint(f"probe{id(view)}", __name__)
    blueprint.get(f"/probe/{rule}")(permit(rule)(view))
    app._got_first_request = False
    app.register_blueprint(blueprint)
    return f"/probe/{rule}"


def test_a_view_that_never_asks_its_rule_fails(app, client, login, clock):
    build_account("zhang")
    login(client, "public:zhang")
    path = with_route(app, "case.read", lambda: "leaked")
    with pytest.raises(AssertionError, match="never asked"):
        client.get(path)


def test_a_list_that_is_filtered_counts_as_asked(app, client, login, clock):
    build_account("zhang")
    login(client, "public:zhang")
    path = with_route(app, "case.read", lambda: str(policy.visible_cases(policy.current_principal()))[:1])
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(("rule", "lets_in"), [
    ("public", {None, "public:zhang", "staff:officer", "staff:guanli"}),
    ("signed_in", {"public:zhang", "staff:officer", "staff:guanli"}),
    ("staff", {"staff:officer", "staff:guanli"}),
    ("role:officer", {"staff:officer"}),
    ("role:officer|administrator", {"staff:officer", "staff:guanli"}),
    ("account.manage", {"staff:guanli"}),
])
def test_a_route_lets_in_whom_its_rule_names(app, login, clock, rule, lets_in):
    build_account("zhang")
    build_staff("officer", "officer", department="zrzy")
    build_staff("guanli", "administrator")
    path = with_route(app, rule, lambda: "in")
    came_in = set()
    for account in (None, "public:zhang", "staff:officer", "staff:guanli"):
        client = app.test_client()
        if account:
            login(client, account)
        status = client.get(path).status_code
        assert status in (200, 302 if account is None else 403)
        came_in |= {account} if status == 200 else set()
    assert came_in == lets_in


def test_a_route_cannot_name_a_rule_that_does_not_exist():
    for name in ("case.raed", "role:king", ""):
        with pytest.raises(policy.UnknownRule):
            permit(name)


def test_a_missing_object_and_a_hidden_one_answer_alike(town):
    for subject in (town.application, None):
        with pytest.raises(NotFound) as refused:
            require("application.read", subject, principal=principal("public:wang"))
        assert str(refused.value) == str(NotFound())


def test_a_rule_has_one_meaning():
    with pytest.raises(ValueError, match="exists already"):
        policy.rule("case.read")(lambda principal, case: True)
