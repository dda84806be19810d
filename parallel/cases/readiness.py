"""前置结果是否齐备: whether the earlier results that a case needs are there."""
from __future__ import annotations

from engine.api import db
from parallel.cases.models import Case
from parallel.projects.models import Project
from parallel.projects.queries import missing_results


def missing_prerequisites(case: Case) -> list[str]:
    """What is still missing, in words; nothing for a case without a project. By the version that the case holds."""
    if case.project_id is None:
        return []
    return [str(missing) for missing in missing_results(db.session.get(Project, case.project_id), case.item)]


def is_ready(case: Case) -> bool:
    return not missing_prerequisites(case)
