"""What the supervisor needs from the operating system, from the module that fits this one."""

import sys

if sys.platform == "linux":
    from orchestrate.processes.supervising import linux as system
else:
    from orchestrate.processes.supervising import portable as system

__all__ = ["system"]
