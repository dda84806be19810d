from __future__ import annotations

from datetime import datetime

from engine.api import announce, db, record
from parallel.projects.actions.register_project import BESIDE, NOT_STARTED, OPEN
from parallel.projects.models import Project, Stage
from parallel.projects.queries import milestone_of, stage_of

CLOSED = "closed"
LAST = 4
SYSTEM = "system"


def close_stage_if_met(project: Project, stage_number: int, at: datetime) -> bool:
    """阶段办结: an open stage whose milestone is met closes, and the next one opens (PARALLEL-INV-1; 指南 C33).

    The milestone items that apply decide, all of them or any one by the stage's type; where none applies, all items
    of the stage do. A next stage that no item applies to closes at once. Returns whether the stage closed.
    """
    stage = stage_of(project, stage_number)
    if stage.state != OPEN:
        return False
    milestone = milestone_of(project, stage)
    if not milestone.met or (stage_number == BESIDE and not milestone.items):
        return False
    stage.state, stage.closed_at = CLOSED, at
    _tell(project, stage, "stage_closed", "StageClosed", at, milestone=sorted(milestone.items))
    if stage_number < LAST:
        _open_next(project, stage_of(project, stage_number + 1), at)
    db.session.flush()
    return True


def _open_next(project: Project, stage: Stage, at: datetime) -> None:
    if stage.state == NOT_STARTED:
        stage.state, stage.opened_at = OPEN, at
        _tell(project, stage, "stage_opened", "StageOpened", at)
    if stage.state == OPEN:
        close_stage_if_met(project, stage.number, at)


def _tell(project: Project, stage: Stage, action: str, kind: str, at: datetime, **detail) -> None:
    record(f"project:{project.id}", action, by=SYSTEM, at=at, detail={"stage": stage.number, **detail})
    announce(kind, {"project": project.id, "stage": stage.number, "name": stage.name},
             topics=[f"project:{project.id}", f"user:{project.owner}"], at=at)
