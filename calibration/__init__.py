"""From reference frames to a signed, dated rig."""

from calibration.assemble import calibrate

__all__ = ["calibrate"]
