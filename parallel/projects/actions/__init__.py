"""What is done to a project: registering it, revising its facts, closing and opening its stages."""
from parallel.projects.actions.close_stage import close_stage_if_met
from parallel.projects.actions.open_stage_early import open_stage_early
from parallel.projects.actions.register_project import register_project
from parallel.projects.actions.revise_attributes import revise_attributes

__all__ = ["close_stage_if_met", "open_stage_early", "register_project", "revise_attributes"]
