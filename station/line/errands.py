"""What the owner of the hardware does between two panels for somebody who waits: looks, codes, reference captures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from inspection.frames import Frames
from station.capture.alignment import Alignment, look
from station.capture.cards import setup_card
from station.capture.exposures import Exposures
from station.capture.hardware import Hardware
from station.capture.panel_code import PanelCode, look_for_codes, only_code
from station.capture.rig_settings import RigSettings
from station.capture.self_test import Tested, self_test
from station.capture.shoot import Progress, shoot
from station.capture.shots import Shot
from station.capture.taking import Subject, capture_set_of
from station.events import Clock
from station.faults import Busy, StationFault
from station.line.holding import Holding
from station.line.jobs import Job
from station.line.seen import Seen
from station.line.state import Lies, State
from station.line.telling import Telling

#: A whole capture takes longer than a look.
CAPTURE_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Errand:
    """Something short that the owner of the hardware does for somebody who waits."""

    work: Callable[[Hardware], Any]
    done: Future[Any] = field(default_factory=Future)


class Errands(Telling):
    """The line's hardware, for what is no panel of a recipe.

    Parameters
    ----------
    rig : RigSettings
    held : Holding
        Camera, screen and lamps.
    exposures : Exposures
    hardware_s : float
        A look takes no longer than this, or something hangs.
    """

    def __init__(self, clock: Clock, rig: RigSettings, held: Holding, exposures: Exposures, hardware_s: float) -> None:
        super().__init__(clock)
        self._rig, self._held, self._exposures, self._hardware_s = rig, held, exposures, hardware_s
        self._job: Job | None = None
        self._errand: Errand | None = None
        self.seen = Seen()

    @property
    def rig(self) -> RigSettings:
        """What the station has and where it stands."""
        return self._rig

    @property
    def station(self) -> str | None:
        """Its name."""
        return self._rig.station

    @property
    def simulated(self) -> bool:
        """Whether its camera sees a simulated world."""
        return self._rig.camera.simulated

    def look(self) -> Alignment:
        """Look once at the mirrored screen, for whoever sets up the station.

        Raises
        ------
        Busy
            A panel is being captured or measured.
        StationFault
            The hardware does not answer.
        """
        done: Alignment = self._have_done(lambda one: look(one, self._rig.exposure, self._held.settled_ms(one)))
        return done

    def show_card(self) -> None:
        """Put the set-up card on the pattern screen; raises as `look`."""
        self._have_done(lambda one: one.screen.show(setup_card(one.grid)))

    def read_code(self) -> PanelCode:
        """Read the code of the panel that lies there; raises as `look`, and where there is not one code.

        Raises
        ------
        CodeFault
            None is seen, none can be read, or they do not say the same.
        """
        seen = self._have_done(lambda one: look_for_codes(one, self._rig, self._held.settled_ms(one)))
        return only_code(seen)

    def take(self, shots: Sequence[Shot], subject: Subject, lies: Lies) -> Frames:
        """Capture what a technician has laid there; raises as `look`, and `Refused` where it can be no capture set."""

        def captured(hardware: Hardware) -> Frames:
            self._note(lies)
            try:
                frames = shoot(
                    shots, hardware, exposure=self._rig.exposure, exposures=self._exposures, recipe=str(lies),
                    settle_ms=self._held.settled_ms(hardware), on_frame=self._came,
                )  # fmt: skip
            finally:
                self.seen.keep(None)
                self._note(None)
            sensor = hardware.camera.sensor
            return capture_set_of(frames, subject, self._rig, sensor, captured_at=self._clock().isoformat())

        done: Frames = self._have_done(captured, CAPTURE_S)
        return done

    def test_hardware(self) -> tuple[Tested, ...]:
        """Camera, screen and every lamp, one after the other; raises as `look` where the camera gives no picture."""
        done: tuple[Tested, ...] = self._have_done(lambda one: self_test(one, self._rig, self._held.settled_ms(one)))
        return done

    def _came(self, progress: Progress) -> None:
        self.seen.keep(progress.frame)

    def _note(self, lies: Lies | None) -> None:
        with self._changed:
            self._set(self._snapshot.state, lies=lies)

    def _have_done(self, work: Callable[[Hardware], Any], within_s: float | None = None) -> Any:
        errand, longest = Errand(work), within_s or self._hardware_s
        with self._changed:
            self._refuse_while_working()
            self._errand = errand
            self._changed.notify_all()
        try:
            return errand.done.result(longest)
        except TimeoutError:
            raise StationFault(
                f"camera or screen have not answered for {longest:g} s: look at them", "hardware_silent",
                seconds=longest,
            ) from None  # fmt: skip

    def _refuse_while_working(self) -> None:
        with self._changed:
            if self._job is not None and self._snapshot.state is State.FAULTED:
                now = self._snapshot
                raise StationFault(f"{now.fault}", now.fault_code or "", **now.fault_values)
            if self._job is not None or self._errand is not None:
                raise Busy("the line is at work on another panel: try again when it is done", "busy")

    def _do(self, errand: Errand) -> None:
        """Do it between two panels; what goes wrong is for who waits."""
        answer, fault = None, None
        try:
            answer = errand.work(self._held.ready())
        except Exception as wrong:
            self._held.let_go()
            fault = wrong
        with self._changed:
            self._errand = None
        if fault is None:
            errand.done.set_result(answer)
        else:
            errand.done.set_exception(fault)
