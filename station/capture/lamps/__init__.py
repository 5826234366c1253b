"""The lamps: ONE FILE = ONE DRIVER. A driver imports its maker's library on `open()` only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.capture.form import one_of
from station.capture.lamp import LampsForm

if TYPE_CHECKING:
    AnyLamps = LampsForm
else:
    #: The settings of any set of lamps, told apart by `kind`.
    AnyLamps = one_of(LampsForm, __name__, __path__)
