"""What a technician does with the line's own camera: the daily check, and a calibration step by step."""

from __future__ import annotations

from datetime import timedelta

from calibration import calibrate
from inspection.frames import Frames
from inspection.refused import Refused
from inspection.rig import Rig
from station.capture.self_test import Tested
from station.capture.shots import glass_shots, panel_shots, tile_shots
from station.capture.taking import Subject
from station.line.errands import Errands
from station.line.measuring import Line
from station.line.state import Lies
from station.store.db import Store


class SetUp:
    """One technician at a time; what was taken for a calibration waits here until it is made or taken anew.

    Parameters
    ----------
    hardware : Errands
        Who owns camera, screen and lamps.
    line : Line
    store : Store
    valid_for : timedelta
        Term of a calibration.
    """

    def __init__(self, hardware: Errands, line: Line, store: Store, *, valid_for: timedelta) -> None:
        self._hardware, self._line, self._store, self._valid_for = hardware, line, store, valid_for
        self._references: dict[Lies, Frames] = {}

    @property
    def needs(self) -> tuple[Lies, ...]:
        """What is to be laid there for a calibration of this station, in order."""
        rig = self._hardware.rig
        tile = rig.diffuse or rig.single_lights
        return (Lies.BLACK_GLASS, Lies.WHITE_TILE) if tile else (Lies.BLACK_GLASS,)

    @property
    def references(self) -> dict[Lies, Frames]:
        """What was taken for a calibration so far."""
        return dict(self._references)

    def check(self, check_panel: str, *, first: bool, operator: str | None) -> int:
        """Capture the check panel that lies there, judge it and keep the check; returns its id.

        Raises
        ------
        Busy, StationFault, Refused, NoRoom
            As `Errands.take` and `Line.check`; nothing is stored.
        """
        subject = Subject(1, check_panel=check_panel, operator=operator)
        frames = self._hardware.take(panel_shots(self._hardware.rig), subject, Lies.CHECK_PANEL)
        return self._line.check(frames, first=first)

    def test_hardware(self) -> tuple[Tested, ...]:
        """Camera, screen and every lamp; raises as `Errands.test_hardware`."""
        return self._hardware.test_hardware()

    def take_reference(self, lies: Lies, *, operator: str | None) -> Frames:
        """Capture black glass or the white tile, for the calibration that follows; raises as `Errands.take`."""
        if lies not in self.needs:
            raise Refused(f"what: expected one of {', '.join(self.needs)}, got {lies}")
        rig = self._hardware.rig
        shots = glass_shots(rig) if lies is Lies.BLACK_GLASS else tile_shots(rig)
        frames = self._hardware.take(shots, Subject(0, reference_set=True, operator=operator), lies)
        self._references[lies] = frames
        return frames

    def calibrate(self) -> Rig:
        """Make a rig of what was taken, and keep it: the line uses it from now on.

        Raises
        ------
        Refused
            Something is still to be taken, or it makes no calibration: glass that is not clean, a tile that is in the
            way of nothing. What was taken stays, to be taken anew.
        """
        missing = [lies for lies in self.needs if lies not in self._references]
        if missing:
            raise Refused(f"{missing[0]}: not taken yet: lay it there and take it first")
        rig = calibrate([self._references[lies] for lies in self.needs], valid_for=self._valid_for)
        self._store.put_rig(rig)
        self._references.clear()
        return rig
