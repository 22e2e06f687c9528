"""People over time: who is who, where to look for them next, and whether a frame is worth a look at all.

Everything here is integers, takes its memory when it is made, and knows of no time but the frames' own `t_ns`.
`docs/tracking.md` tells how it fits together.
"""

from edgepose.track.follow import CropFollower
from edgepose.track.gate import MotionGate
from edgepose.track.options import Options
from edgepose.track.smooth import Smoother
from edgepose.track.tracker import Tracker

__all__ = ["CropFollower", "MotionGate", "Options", "Smoother", "Tracker"]
