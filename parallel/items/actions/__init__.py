"""What an item manager does to the catalogue."""
from parallel.items.actions.bind_process import bind_process
from parallel.items.actions.draft_item import draft_item
from parallel.items.actions.publish_item import publish_item
from parallel.items.actions.revise_item import revise_item
from parallel.items.actions.suspend_item import resume_item, suspend_item

__all__ = ["bind_process", "draft_item", "publish_item", "resume_item", "revise_item", "suspend_item"]
