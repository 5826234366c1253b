"""The cameras: ONE FILE = ONE DRIVER. A driver imports its maker's library on `open()` only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.capture.camera import CameraForm
from station.capture.form import one_of

if TYPE_CHECKING:
    AnyCamera = CameraForm
else:
    #: The settings of any camera, told apart by `kind`.
    AnyCamera = one_of(CameraForm, __name__, __path__)
