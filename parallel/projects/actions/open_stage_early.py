from __future__ import annotations

from datetime import datetime

from engine.api import announce, db, record
from parallel.projects.actions.register_project import NOT_STARTED, OPEN
from parallel.projects.errors import StageMayNotOpenEarly
from parallel.projects.models import Project, Stage
from parallel.projects.queries import stage_of


def open_stage_early(project: Project, stage_number: int, *, allowed: bool, reason: str, by: str,
                     at: datetime) -> Stage:
    """提前申报: a stage opens before the one before it has closed (PARALLEL-INV-1: 或按配置可提前).

    Args:
        allowed: what the platform is configured to; the one before it stays open and still has its milestone.
    """
    stage = stage_of(project, stage_number)
    if stage.state != NOT_STARTED:
        return stage
    if not allowed:
        raise StageMayNotOpenEarly
    stage.state, stage.opened_at = OPEN, at
    db.session.flush()
    record(f"project:{project.id}", "stage_opened_early", by=by, at=at,
           detail={"stage": stage_number, "reason": reason})
    announce("StageOpened", {"project": project.id, "stage": stage_number, "name": stage.name},
             topics=[f"project:{project.id}", f"user:{project.owner}"], at=at)
    return stage
