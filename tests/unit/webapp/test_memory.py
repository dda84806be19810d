"""On Python 3.11 garbage is collected beside the requests, and still is collected."""
import gc
import time
import weakref

import pytest

from webapp import memory

only_where_needed = pytest.mark.skipif(memory.SAFE_BY_ITSELF, reason="Python 3.12 waits for a safe point by itself")


class Knot:
    def __init__(self):
        self.itself = self


@only_where_needed
def test_an_application_switches_the_automatic_collector_off(app):
    assert not gc.isenabled()


@only_where_needed
def test_knots_are_still_collected_soon(app):
    knots = [weakref.ref(Knot()) for _ in range(3 * gc.get_threshold()[0])]
    until = time.monotonic() + 20
    while any(knot() is not None for knot in knots) and time.monotonic() < until:
        more = [Knot() for _ in range(gc.get_threshold()[0] + 1)]  # as requests would: the younger push the older
        del more
        time.sleep(memory.SECONDS_BETWEEN_LOOKS)
    assert not any(knot() is not None for knot in knots)
