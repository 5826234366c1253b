"""The screens: ONE FILE = ONE DRIVER. A driver imports its maker's library on `open()` only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.capture.form import one_of
from station.capture.screen import ScreenForm

if TYPE_CHECKING:
    AnyScreen = ScreenForm
else:
    #: The settings of any screen, told apart by `kind`.
    AnyScreen = one_of(ScreenForm, __name__, __path__)
