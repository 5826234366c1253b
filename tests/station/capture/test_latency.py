"""Settle time of a screen, measured by the camera."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sample_stations import STATION, Bench, bench

from station.capture import latency
from station.capture.latency import MARGIN_MS, measure_latency
from station.capture.patterns import Drawn
from station.faults import ScreenFault


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(latency, "STEADY_S", 0.3)
    with bench(STATION.sized(32)) as made:
        yield made


class Slow:
    """A screen whose glass follows later than it says."""

    def __init__(self, made: Bench, late_s: float) -> None:
        self._screen, self._late_s = made.hardware.screen, late_s
        self.width_px, self.height_px = self._screen.width_px, self._screen.height_px
        self.hardware = replace(made.hardware, screen=self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._screen, name)

    def show(self, picture: Drawn) -> None:
        threading.Timer(self._late_s, self._screen.show, (picture,)).start()


def test_the_wait_covers_what_the_glass_takes(ready: Bench) -> None:
    """Never less than the true 100 ms, and not a multiple of it."""
    found = measure_latency(Slow(ready, 0.1).hardware)
    assert min(found.rise_ms, found.fall_ms) >= 95
    assert 100 <= found.settle_ms < 100 + MARGIN_MS + 120


def test_a_screen_that_is_quick_needs_little(ready: Bench) -> None:
    assert measure_latency(ready.hardware).settle_ms < MARGIN_MS + 50


def test_a_screen_that_does_not_follow_any_more_is_said(ready: Bench) -> None:
    screen, shown = ready.hardware.screen, []

    class Stuck:
        width_px, height_px, ready = screen.width_px, screen.height_px, screen.ready

        def show(self, picture: Drawn) -> None:
            shown.append(picture)
            if len(shown) <= 4:
                screen.show(picture)

    with pytest.raises(ScreenFault, match="not steady"):
        measure_latency(replace(ready.hardware, screen=Stuck()))  # type: ignore[arg-type]


def test_a_camera_that_does_not_see_the_screen_is_said() -> None:
    blind = replace(STATION.sized(32), full_scale_per_ms=1e-9)
    with pytest.MonkeyPatch.context() as patch, bench(blind) as made:
        patch.setattr(latency, "STEADY_S", 0.01)
        with pytest.raises(ScreenFault, match="no difference between a black and a white screen"):
            measure_latency(made.hardware)
