"""`binglian demo`: whole projects through all their stages, checked against the file's own expectations."""
import io
import json
from contextlib import redirect_stdout

import pytest
import yaml

from webapp.demo import run


@pytest.fixture(scope="module")
def printed():
    """What `binglian demo --json` prints and its exit status."""
    out = io.StringIO()
    with redirect_stdout(out):
        status = run.main(as_json=True)
    return json.loads(out.getvalue()), status


def test_the_shipped_scenarios_agree_with_their_file(printed):
    result, status = printed
    assert status == 0
    expected = yaml.safe_load(run.SHIPPED.read_text(encoding="utf-8"))["scenarios"]
    assert [each["name"] for each in result["scenarios"]] == [each["name"] for each in expected]
    for found, wanted in zip(result["scenarios"], expected, strict=True):
        assert {stage: sorted(codes) for stage, codes in found["items"].items()} == {
            stage: sorted(codes) for stage, codes in wanted["expected_items"].items()
        }
        assert found["critical_path"] == wanted["critical_path"]
        assert found["critical_path_days"] == wanted["critical_path_days_excl_special"]
        assert found["ended"] is True
        assert found["licences"] == sum(len(codes) for codes in wanted["expected_items"].values())
        assert found["tasks"] >= 3 * found["licences"]


def test_a_scenario_that_expects_something_else_is_told(tmp_path, capsys):
    file = tmp_path / "mine.yaml"
    scenario = {
        "name": "装修", "expected_items": {"1": ["X00"]}, "critical_path": ["X00"],
        "attributes": {
            "invest_type": "social", "approve_mode": "备案", "land_mode": "自有", "project_class": "装饰装修",
            "special_fire": True, "land_ha": 0, "earthwork_m3": 0, "eia_class": "豁免", "invest_wan": 600,
            "floor_area_or_eq": 4200,
        },
    }
    file.write_text(yaml.safe_dump({"scenarios": [scenario]}, allow_unicode=True), encoding="utf-8")
    assert run.main(scenario=file, as_json=True) == 1
    captured = capsys.readouterr()
    [found] = json.loads(captured.out)["scenarios"]
    assert found["ended"] and found["items"]["1"] == ["X00", "X05"]
    assert "the file expects" in captured.err
