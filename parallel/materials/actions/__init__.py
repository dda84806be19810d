"""What is done with materials. Handing one in is an act on an application: `parallel/cases/actions/hand_in_material.py`."""
from parallel.materials.actions.distribute import distribute
from parallel.materials.actions.satisfy_by_result import (
    attach_results,
    satisfy_by_result,
)
from parallel.materials.actions.store_version import UploadedFile, store_version
from parallel.materials.actions.verify_material import verify_material

__all__ = ["UploadedFile", "attach_results", "distribute", "satisfy_by_result", "store_version", "verify_material"]
