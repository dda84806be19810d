"""The main job, once, in a real browser: a designer uploads, an applicant applies, a clerk accepts, three departments
approve at the same time, and applicant and monitor see it move without a reload. Every page is photographed."""
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.paper import one_page_pdf

pytestmark = pytest.mark.browser
DRAWING = Path(__file__).parents[1] / "processes" / "camunda_three_departments.bpmn"
PROJECT = "浏览器测试学校"
DEPARTMENTS = ("zrzy", "sthj", "zjj")
MOST_FORM_PAGES = 8
ITEM = "L02"  # 规划条件核定: needs no earlier result
ALSO = "X01"  # asks for papers; waits for X00


@pytest.fixture
def person(new_context, server):
    """`person("chuangkou")`: a page of a browser of its own in which this account has signed in."""

    def sign_in(login: str) -> Page:
        page = new_context().new_page()
        page.set_default_timeout(10_000)
        page.goto("/login" if login in ("jianshe", "zhang") else "/staff/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", server.password)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    return sign_in


@pytest.fixture
def photograph(screenshot):
    """A page in both languages."""

    def take(page: Page, name: str) -> None:
        for language in ("zh", "en"):
            page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
            page.reload()
            screenshot(page, name, language)
        page.context.add_cookies([{"name": "language", "value": "zh", "url": page.url}])
        page.reload()

    return take


def test_a_project_is_approved_by_three_departments_at_once(person, photograph, tmp_path):
    designer = person("liucheng")
    _upload_and_bind(designer, photograph)

    applicant = person("jianshe")
    _apply(applicant, photograph, tmp_path)

    clerk = person("chuangkou")
    _accept(clerk, photograph)

    monitor = person("jiancha")
    monitor.goto("/supervision/projects?q=" + PROJECT)
    photograph(monitor, "monitor-projects")
    monitor.get_by_role("link", name=PROJECT).first.click()
    applicant.goto("/projects")
    applicant.get_by_role("link", name=PROJECT).first.click()
    photograph(monitor, "monitor-project")
    photograph(applicant, "project")

    officers = {department: person(f"officer-{department}") for department in DEPARTMENTS}
    for officer in officers.values():  # all three have it before any of them acts
        officer.goto("/inbox?box=claimable")
        expect(officer.locator("body")).to_contain_text("规划条件核定")
    photograph(officers["zrzy"], "inbox")
    for page in (applicant, monitor):
        page.evaluate("window.notReloaded = true")
    for department, officer in officers.items():
        officer.locator("a", has_text="规划条件核定").first.click()
        officer.locator("textarea[name=opinion]").fill("符合要求，同意。")
        if department == "zrzy":
            photograph(officer, "task")
            officer.locator("textarea[name=opinion]").fill("符合要求，同意。")
        officer.get_by_role("button", name="同意").first.click()
        officer.wait_for_load_state()
    expect(applicant.locator("body")).to_contain_text("办结（准予许可）", timeout=15_000)
    expect(monitor.locator("body")).to_contain_text("同意", timeout=15_000)
    assert applicant.evaluate("window.notReloaded") and monitor.evaluate("window.notReloaded")


def _upload_and_bind(page: Page, photograph) -> None:
    page.goto("/designer/")
    photograph(page, "designer")
    page.goto("/designer/upload")
    photograph(page, "designer-upload")
    page.set_input_files("[name=file]", DRAWING)
    page.get_by_role("button", name="检查并部署").click()
    page.wait_for_url("**/designer/processes/Process_three_departments**")
    page.select_option("[name=item_code]", ITEM)
    page.get_by_role("button", name="绑定").click()
    page.wait_for_load_state()
    photograph(page, "designer-process")


def _apply(page: Page, photograph, tmp_path) -> None:
    page.goto("/")
    photograph(page, "home")
    page.goto(f"/items/{ITEM}")
    photograph(page, "item")
    page.goto("/plan")
    photograph(page, "plan-start")
    page.goto("/plan/result")
    photograph(page, "plan")
    page.goto("/projects/new")
    page.fill("[name=name]", PROJECT)
    page.fill("[name=organisation]", "唐山市路南建设投资有限公司")
    page.fill("[name=organisation_code]", "91130202MAAY4CL12T")
    page.select_option("[name=division_code]", "130200")
    photograph(page, "register")
    page.fill("[name=name]", PROJECT)
    page.select_option("[name=division_code]", "130200")
    page.get_by_role("button", name="登记投资项目").click()
    page.wait_for_url(lambda url: "/projects/new" not in url)
    page.goto("/projects")
    photograph(page, "projects")
    page.get_by_role("link", name=PROJECT).first.click()
    project = page.url.split("?")[0].rstrip("/").split("/projects/")[1].split("/")[0]
    page.goto(f"/projects/{project}/notice")
    photograph(page, "one-form-notice")
    page.goto(f"/projects/{project}/apply/1")
    photograph(page, "apply")
    for box in page.locator("[name=items]").all():
        box.set_checked(box.get_attribute("value") in (ITEM, ALSO))
    page.get_by_role("button", name="继续").click()
    photograph(page, "form")
    _fill_form(page, until="/materials")
    _upload_materials(page, photograph, one_page_pdf(tmp_path / "paper.pdf"))
    page.get_by_role("link", name="继续").click()
    _fill_form(page, until="/review")
    photograph(page, "review")
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="提交申请").click()
    page.wait_for_url("**/receipt")
    photograph(page, "receipt")


def _fill_form(page: Page, until: str) -> None:
    """One group of questions a page."""
    for _ in range(MOST_FORM_PAGES):
        page.wait_for_load_state()
        if until in page.url:
            return
        for field in page.locator("main form input:visible, main form textarea:visible").all():
            kind = field.get_attribute("type") or "text"
            if kind in ("radio", "checkbox"):
                field.check()
            elif kind not in ("hidden", "search", "file") and not field.input_value():
                kind = "number" if field.get_attribute("inputmode") in ("decimal", "numeric") else kind
                field.fill({"tel": "13800000002", "number": "1200", "email": "a@example.com"}.get(kind, "按批准方案实施"))
        page.get_by_role("button", name="保存并继续").click()
        page.wait_for_load_state()
    raise AssertionError(f"the form does not end: {page.url}\n{page.locator('main').inner_text()}")


def _upload_materials(page: Page, photograph, paper: Path) -> None:
    uploads = page.locator("main input[type=file]").all()
    assert uploads, "the test is to hand in papers"
    for upload in uploads:
        with page.expect_response(lambda answer: answer.request.method == "POST" and "/materials" in answer.url) as answered:
            upload.set_input_files(paper)
        assert answered.value.ok
    photograph(page, "materials")


def _accept(page: Page, photograph) -> None:
    page.goto("/window")
    page.get_by_role("link", name=PROJECT).first.click()
    page.wait_for_load_state()
    photograph(page, "window")
    accept = page.get_by_role("button", name="受理", exact=True)
    expect(accept).to_be_disabled()  # ACCEPT-7: 要点未逐项勾核
    for box in page.locator("[data-required-check]").all():
        box.check()
    expect(accept).to_be_enabled()
    accept.click()
    page.wait_for_url("**/accept**")
    photograph(page, "window-accept")
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_load_state()
