"""Collecting garbage at moments that are safe on Python 3.11.

There the collector runs wherever an object is allocated, also in the middle of giving an instance its `__dict__`. If
a weak reference's callback then touches the same instance (SQLAlchemy's `InstanceState._cleanup` does), memory is
corrupted and the process dies: several threads rendering plans made it crash within 400 requests. From Python 3.12
the collector waits for a safe point by itself. Until then a thread of its own collects, between other threads' steps.
"""
from __future__ import annotations

import gc
import os
import sys
import threading
import time

SECONDS_BETWEEN_LOOKS = 0.1
SAFE_BY_ITSELF = sys.version_info >= (3, 12)


def collect_aside() -> None:
    """Take over from the automatic collector. Called again it changes nothing; a forked process starts its own."""
    if SAFE_BY_ITSELF or not gc.isenabled():
        return
    gc.disable()
    os.register_at_fork(after_in_child=_start)
    _start()


def _start() -> None:
    threading.Thread(target=_collect_for_ever, name="garbage", daemon=True).start()


def _collect_for_ever() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        collect_if_due()


def collect_if_due() -> int | None:
    """Collect the oldest generation whose threshold is passed, as the interpreter would; the generation, or None."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return generation
    return None
