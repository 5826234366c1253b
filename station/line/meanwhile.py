"""Measuring begins while later frames come: what rests on screen and diffuse light is built beside the capture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import takewhile

from inspection.ahead import Ahead
from inspection.frames import Frame
from inspection.refused import Refused
from station.capture.lights import DIFFUSE, SCREEN
from station.capture.shots import Shot


class Meanwhile:
    """Hears of every frame, and builds in a thread of its own. Use it with `with` around the capture.

    Where the capture ends in a fault, what was built is void.

    Parameters
    ----------
    shots : sequence of Shot
        Of the capture, in order.
    build : callable
        From the frames of screen and diffuse light.
    """

    def __init__(self, shots: Sequence[Shot], build: Callable[[tuple[Frame, ...]], Ahead]) -> None:
        first = sum(1 for _ in takewhile(lambda shot: shot.group in (SCREEN, DIFFUSE), shots))
        # Without small lamps nothing comes afterwards that could be waited for.
        self._enough = first if first < len(shots) else 0
        self._build = build
        self._frames: list[Frame] = []
        self._built: Future[Ahead] | None = None
        self._pool = ThreadPoolExecutor(1, "meanwhile")

    def __enter__(self) -> Meanwhile:
        return self

    def __exit__(self, *exception: object) -> None:
        """What is being built is waited for: the next capture may not meet it."""
        self._pool.shutdown()

    def came(self, frame: Frame) -> None:
        """One frame more, in the order of the shots."""
        self._frames.append(frame)
        if len(self._frames) == self._enough:
            self._built = self._pool.submit(self._build, tuple(self._frames))

    def ahead(self) -> Ahead | None:
        """What was built; None where there was nothing to build, or frames that measuring will refuse itself."""
        try:
            return None if self._built is None else self._built.result()
        except Refused:
            return None
