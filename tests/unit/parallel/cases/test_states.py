import pytest

from parallel.cases.errors import IllegalAct
from parallel.cases.models import Application, Case
from parallel.cases.states import (
    ACTS,
    APPLICATION,
    APPLICATION_ENDED,
    APPLICATION_TEXTS,
    CASE,
    CASE_ENDED,
    CASE_TEXTS,
    allows,
    move,
    text_of,
)


@pytest.mark.parametrize(("table", "texts", "ended"), [
    (APPLICATION, APPLICATION_TEXTS, APPLICATION_ENDED), (CASE, CASE_TEXTS, CASE_ENDED),
])
def test_every_state_has_words_and_every_act_a_name(table, texts, ended):
    states = set(table) | {state for acts in table.values() for state in acts.values()} | ended
    assert states == set(texts)
    assert {act for acts in table.values() for act in acts} <= set(ACTS)
    assert not ended & set(table)  # nothing leads out of an end


@pytest.mark.parametrize(("table", "ended"), [(APPLICATION, APPLICATION_ENDED), (CASE, CASE_ENDED)])
def test_every_state_can_be_reached_and_left(table, ended):
    reached, open_states = set(), ["draft"]
    while open_states:
        state = open_states.pop()
        if state not in reached:
            reached.add(state)
            open_states += table.get(state, {}).values()
    assert reached == set(table) | (ended - {"terminated"})


def test_an_act_moves_and_an_illegal_one_says_why():
    application = Application(state="draft")
    assert move(application, "submit") == "draft" and application.state == "submitted"
    with pytest.raises(IllegalAct, match="“待预审”的申请不能提交补正。"):
        move(application, "submit_correction")
    case = Case(state="refused")
    assert not any(allows(case, act) for act in ACTS)
    assert text_of(case).next_zh
