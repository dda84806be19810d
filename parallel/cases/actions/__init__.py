"""The legal acts on applications and cases, one file each. Call them inside `engine.api.unit_of_work`."""
import parallel.cases.process  # noqa: F401  operations and hooks exist wherever acts do
from parallel.cases.actions.accept_application import accept_application
from parallel.cases.actions.choose_items import choose_items
from parallel.cases.actions.decide_case import decide_case
from parallel.cases.actions.draft_application import draft_application
from parallel.cases.actions.end_special_procedure import end_special_procedure
from parallel.cases.actions.hand_in_material import hand_in_material
from parallel.cases.actions.issue_result import issue_result
from parallel.cases.actions.pre_accept import pre_accept
from parallel.cases.actions.refuse_application import refuse_application
from parallel.cases.actions.remove_material import remove_material
from parallel.cases.actions.request_correction import request_correction
from parallel.cases.actions.review_case import review_case
from parallel.cases.actions.save_draft import save_draft
from parallel.cases.actions.start_special_procedure import start_special_procedure
from parallel.cases.actions.submit_application import submit_application
from parallel.cases.actions.submit_correction import submit_correction
from parallel.cases.actions.tick_review_points import tick_review_points
from parallel.cases.actions.withdraw_application import withdraw_application

__all__ = [
    "accept_application", "choose_items", "decide_case", "draft_application", "end_special_procedure",
    "hand_in_material", "issue_result", "pre_accept", "refuse_application", "remove_material", "request_correction",
    "review_case", "save_draft", "start_special_procedure", "submit_application", "submit_correction",
    "tick_review_points", "withdraw_application",
]
