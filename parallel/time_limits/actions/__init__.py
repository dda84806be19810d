"""The legal acts that move the clocks of a case. A case has two: promised 承诺 and statutory 法定."""
from parallel.time_limits.actions.pause_clocks import pause_clocks
from parallel.time_limits.actions.resume_clocks import resume_clocks
from parallel.time_limits.actions.start_clocks import start_clocks
from parallel.time_limits.actions.stop_clocks import stop_clocks

__all__ = ["pause_clocks", "resume_clocks", "start_clocks", "stop_clocks"]
