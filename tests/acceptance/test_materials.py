"""材料: upload checks, trust, and what is on file."""
from __future__ import annotations

import io

import pytest
from PIL import Image

from parallel.materials.actions import verify_material
from parallel.materials.checks import DEFAULT_LIMITS, check_upload
from parallel.materials.errors import UploadRefused
from parallel.materials.queries import asked_materials, on_file, versions_of
from tests.builders_cases import CLERK, ZHANG, shipped

pytestmark = pytest.mark.template("shipped", shipped)


@pytest.mark.req("EDOC-2")
def test_a_72_dpi_scan_and_an_executable_are_refused_with_the_reason():
    scan = io.BytesIO()
    Image.new("RGB", (595, 842), "white").save(scan, "JPEG", dpi=(72, 72))
    with pytest.raises(UploadRefused) as refused:
        check_upload("扫描件.jpg", scan.getvalue())
    assert "72 dpi" in str(refused.value) and f"{DEFAULT_LIMITS.min_dpi} dpi" in str(refused.value)
    assert "重新" in str(refused.value)
    for name in ("程序.exe", "申请书.pdf"):
        with pytest.raises(UploadRefused, match="可执行程序"):
            check_upload(name, b"MZ" + bytes(200))


def test_materials_begin_with_the_trust_of_their_source_and_the_window_raises_it(hall):
    draft = hall.draft(hall.project(), "X01")
    report = hall.hand_in(draft, "项目建议书文本")
    own = hall.hand_in(draft, "项目建议书审批申请文件")
    assert (report.trust_level, report.verify_required) == ("D", True)
    assert (own.trust_level, own.verify_required) == ("D", False)
    hall.do(verify_material, report, by=CLERK)
    assert (report.trust_level, report.verify_required, report.verified_by) == ("B", False, CLERK)


def test_what_a_project_has_is_on_file(hall):
    project = hall.project()
    hall.approve(hall.accepted(project, "X00").cases[0])
    application = hall.accepted(project, "X01")
    licence = hall.approve(application.cases[0])
    found = on_file(project, ZHANG)
    assert licence.id in {each.id for each in found.licences}
    assert {"项目建议书文本", "项目建议书审批申请文件"} <= {material.key for material in found.materials}
    assert on_file(project, "public:li").materials == []


def test_how_each_material_stands(hall):
    project = hall.project()
    draft = hall.draft(project, "L01", "L06")
    hall.hand_in(draft, "选址位置地形图")
    standings = {entry.key: entry.standing for entry in asked_materials(draft)}
    assert standings["选址位置地形图"] == "handed_in" and standings["用地边界拐点坐标表"] == "missing"
    assert standings["result:X01"] == standings["result:L01"] == "awaited"
    assert standings["选址论证报告"] == "optional"
    assert {"form"} <= set(standings.values())


def test_every_version_is_kept(hall):
    draft = hall.draft(hall.project(), "X01")
    for _ in range(3):
        hall.hand_in(draft, "项目建议书文本")
    versions = versions_of(draft, "项目建议书文本")
    assert [(material.version, material.is_current) for material in versions] == [(1, False), (2, False), (3, True)]
