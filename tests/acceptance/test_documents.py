"""文书 as PDF: what they say, and the code on them that opens the progress page."""
from __future__ import annotations

import re
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp

from parallel.cases import actions
from parallel.cases.licences import licence_of
from parallel.documents.actions import documents_of
from parallel.materials.queries import asked_materials, current_materials
from tests.builders import build_account
from tests.builders_cases import CLERK, ZHANG, shipped

pytestmark = pytest.mark.template("shipped", shipped)


@pytest.fixture
def applicant(app, login, hall):
    build_account("zhang")
    return login(app.test_client(), ZHANG)


def pdf(browser, url: str) -> pypdfium2.PdfDocument:
    answer = browser.get(url)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return pypdfium2.PdfDocument(answer.data)


def words(document: pypdfium2.PdfDocument) -> str:
    """The text without blanks: between Chinese and Latin the page has a thin one."""
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in document))


def paper(application, kind: str):
    return next(each for each in documents_of(application) if each.kind == kind)


@pytest.mark.req("ACCEPT-5")
def test_the_acceptance_notice_has_seven_fields_and_its_code_opens_the_progress_page(app, hall, applicant):
    application = hall.accepted(hall.project(), "L02", "X00")
    document = pdf(applicant, f"/documents/{paper(application, 'acceptance').id}.pdf")
    text = words(document)
    at = application.accepted_at
    for label, value in {
        "办件编号": application.number, "受理时间": f"{at.year}年{at.month}月{at.day}日", "受理部门": "自然资源和规划局",
        "窗口人员": "李窗口", "承诺时限": "10个工作日", "送达方式": "大厅自领",
    }.items():
        assert label in text
        assert value in text
    assert "受理材料" in text
    for material in current_materials(application).values():
        assert re.sub(r"\s", "", material.name) in text

    [code] = zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())
    address = urlsplit(code.text)
    page = app.test_client().get(address.path)  # nobody is signed in
    assert page.status_code == 200
    assert application.number in page.text and "已受理" in page.text
    for personal in (application.applicant_name, application.applicant_id_number, application.contact_phone):
        assert personal not in page.text


def test_the_non_acceptance_notice_says_why_and_how_to_appeal(hall, applicant):
    application = hall.file(hall.project(), "L02")
    hall.do(actions.refuse_application, application, "不属于本级管辖。", by=CLERK, clerk_name="李窗口")
    text = words(pdf(applicant, f"/documents/{paper(application, 'non_acceptance').id}.pdf"))
    for said in (application.number, "受理时间", "受理部门", "李窗口", "不予受理原因", "不属于本级管辖。", "行政复议"):
        assert said in text


def test_the_correction_notice_lists_what_is_to_be_corrected_and_nothing_else(hall, applicant):
    application = hall.file(hall.project(), "X01", "L01")
    uploaded = [each for each in asked_materials(application) if each.is_uploaded]
    asked = [{"material_key": each.key, "reason": f"请重新提交{place}"} for place, each in enumerate(uploaded[:2])]
    hall.do(actions.request_correction, application, asked, by=CLERK, clerk_name="李窗口")
    text = words(pdf(applicant, f"/documents/{paper(application, 'correction').id}.pdf"))
    assert text.count("请重新提交") == len(asked)
    for said in (application.number, "承诺时限", "需补齐补正材料", "补正期限", "李窗口"):
        assert said in text


def test_a_decision_and_a_licence_can_be_kept(hall, applicant):
    case = hall.accepted(hall.project(), "L02").cases[0]
    hall.approve(case)
    decision = words(pdf(applicant, f"/documents/{paper(case.application, 'decision').id}.pdf"))
    assert "准予许可" in decision and case.number in decision
    licence = licence_of(case)
    kept = words(pdf(applicant, f"/licences/{licence.id}.pdf"))
    assert re.sub(r"\s", "", licence.number) in kept and licence.holder in kept


def test_what_people_write_is_never_markup(hall, applicant):
    application = hall.file(hall.project(), "L02")
    reason = '#import "x"; #eval("1") *粗* $x$ @ref <b>'
    hall.do(actions.refuse_application, application, reason, by=CLERK, clerk_name="李#窗口")
    text = words(pdf(applicant, f"/documents/{paper(application, 'non_acceptance').id}.pdf"))
    assert re.sub(r"\s", "", reason) in text


def test_papers_are_the_applicants_own(app, login, hall, applicant):
    application = hall.accepted(hall.project(), "L02")
    build_account("li")
    stranger = login(app.test_client(), "public:li")
    address = f"/documents/{paper(application, 'acceptance').id}.pdf"
    assert stranger.get(address).status_code == stranger.get("/documents/999999.pdf").status_code == 404
    assert app.test_client().get(address).status_code == 302


def test_a_number_that_is_none_verifies_nothing(app, hall):
    assert app.test_client().get("/verify/130200ZHCK20260302999999").status_code == 404


def test_the_one_form_notice_is_a_paper_too(hall, applicant):
    project = hall.project()
    text = words(pdf(applicant, f"/projects/{project.id}/notice.pdf"))
    for said in (project.code, project.name, "事项及材料一单告知", "项目建议书", "来自前序结果"):
        assert said in text
