"""The line: from a capture set to a stored inspection with the right rig and recipe, one at a time."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import fixed_clock
from records import recipe_of

from calibration import calibrate
from inspection.frames import Frames
from inspection.pipeline import examine
from inspection.refused import Refused
from inspection.rig import Rig
from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED
from station.capture_set import write_capture_set
from station.faults import Busy
from station.line import Line
from station.store.db import Store
from station.store.rows import report_text

STATION = NAMED["B"].sized(64, 48)
REFERENCE_AT, CAPTURED_AT = "2026-11-22T08:00:00+08:00", "2026-11-22T09:30:00+08:00"


@pytest.fixture(scope="module")
def rig() -> Rig:
    """A small simulated station, calibrated."""
    return calibrate([render_reference(STATION, seed=0, captured_at=REFERENCE_AT)])


@pytest.fixture(scope="module")
def frames() -> Frames:
    """Pass 1 of the story on that station."""
    return render(amethyst_story(1), STATION, seed=1, captured_at=CAPTURED_AT)


@pytest.fixture
def ready(store: Store, rig: Rig) -> Store:
    """A store that knows the rig and the recipe."""
    store.put_rig(rig)
    store.put_recipe(recipe_of())
    return store


def inspections(store: Store) -> int:
    """How many inspections are stored, with their captures."""
    with store.reader() as reader:
        counts = reader.health()["counts"]
    assert counts["inspection"] == counts["capture"]
    return int(counts["inspection"])


def test_the_line_finds_rig_and_recipe_itself(ready: Store, line: Line, frames: Frames, rig: Rig) -> None:
    one = line.measure(frames)
    with ready.reader() as reader:
        row = reader.inspection(one) or {}
    assert (row["panel"], row["recipe"], row["rig_sha256"]) == (frames.panel, "amethyst", rig.sha256)
    assert row["simulated"] is True
    assert {"gloss_gu", "height_um", "slope_x_mrad", "lab", "delta_e00"} <= {one["name"] for one in row["maps"]}


def test_an_old_panel_is_judged_again_bit_for_bit(ready: Store, line: Line, frames: Frames) -> None:
    one = line.measure(frames)
    with ready.reader() as reader:
        row = reader.inspection(one) or {}
        again = reader.load_capture(row["capture_sha256"])
        rig_again, recipe_again = reader.load_rig(row["rig_sha256"]), reader.load_recipe(row["recipe_sha256"])
        stored = reader.report_text(one)
    assert again is not None
    assert rig_again is not None
    assert recipe_again is not None
    done = examine(again, rig_again, recipe_again, now=fixed_clock().isoformat(), software="0.1.0")
    same_clock = replace(done.report, timing_ms=row["report"]["timing_ms"])
    assert report_text(same_clock) == stored


def test_the_newest_rig_valid_at_the_capture_is_used(store: Store, line: Line, frames: Frames, rig: Rig) -> None:
    store.put_recipe(recipe_of())
    older = replace(rig, calibrated_at="2026-11-21T20:00:00+08:00", expires_at="2026-11-22T20:00:00+08:00")
    long_ago = replace(rig, calibrated_at="2026-11-01T08:00:00+08:00", expires_at="2026-11-02T08:00:00+08:00")
    other = replace(rig, calibrated_at="2026-11-22T09:00:00+08:00", station="another")
    for one in (rig, older, long_ago, other):
        store.put_rig(one)
    now, then = line.measure(frames), line.measure(replace(frames, captured_at="2026-11-01T09:00:00+08:00"))
    with store.reader() as reader:
        used = [(reader.inspection(one) or {})["rig_sha256"] for one in (now, then)]
    assert used == [rig.sha256, long_ago.sha256]


def test_a_rig_of_other_optics_is_passed_over(store: Store, line: Line, frames: Frames, rig: Rig) -> None:
    store.put_recipe(recipe_of())
    store.put_rig(rig)
    larger = calibrate([render_reference(NAMED["B"].sized(72, 48), seed=0, captured_at="2026-11-22T09:00:00+08:00")])
    store.put_rig(larger)
    one = line.measure(frames)
    with store.reader() as reader:
        assert (reader.inspection(one) or {})["rig_sha256"] == rig.sha256


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recipe": None}, "recipe: missing"),
        ({"recipe": "grafite"}, 'recipe: no recipe "grafite" is stored; known: amethyst'),
        ({"station": "Z"}, 'station: station "Z" has no rig'),
        ({"station": None}, "a station without a name has no rig"),
        ({"captured_at": "2026-11-23T08:00:01+08:00"}, "has no rig that is valid at 2026-11-23"),
        ({"reference_set": True}, "reference_set"),
    ],
)
def test_what_the_line_cannot_measure_is_refused_and_not_stored(
    ready: Store, line: Line, frames: Frames, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        line.measure(replace(frames, **changes))  # type: ignore[arg-type]
    assert "\n" not in str(refusal.value)
    assert inspections(ready) == 0


def test_frames_of_other_optics_are_refused_with_what_differs(ready: Store, line: Line) -> None:
    other = render(amethyst_story(1), NAMED["B"].sized(72, 48), seed=1, captured_at=CAPTURED_AT)
    with pytest.raises(Refused, match=r"image\.width_px is 72"):
        line.measure(other)
    assert inspections(ready) == 0


def test_an_expired_rig_measures_only_when_asked_for(ready: Store, line: Line, frames: Frames, rig: Rig) -> None:
    late = replace(frames, captured_at="2026-12-24T09:30:00+08:00")
    with pytest.raises(Refused, match="valid until"):
        line.measure(late, rig=rig)
    one = line.measure(late, rig=rig, allow_expired=True)
    with ready.reader() as reader:
        report = (reader.inspection(one) or {})["report"]
    assert report["rig"]["expired"] is True
    assert inspections(ready) == 1


def test_one_measurement_at_a_time(ready: Store, line: Line, frames: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(*arguments: object, **more: object) -> object:
        begun.set()
        assert may_end.wait(20)
        return examine(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("station.line.measuring.examine", slow)
    first = threading.Thread(target=line.measure, args=(frames,))
    first.start()
    assert begun.wait(20)
    with pytest.raises(Busy):
        line.measure(frames)
    may_end.set()
    first.join(20)
    assert (inspections(ready), line.busy) == (1, False)


def test_a_refusal_leaves_the_line_free(ready: Store, line: Line, frames: Frames, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        line.measure_set(tmp_path / "nowhere")
    folder = tmp_path / "set"
    write_capture_set(frames, folder, image_format="tiff")
    line.measure_set(folder)
    assert inspections(ready) == 1


def test_the_time_of_a_capture_that_does_not_say_is_now(store: Store, frames: Frames, rig: Rig) -> None:
    store.put_rig(rig)
    store.put_recipe(recipe_of())
    undated = replace(frames, captured_at=None)
    early = Line(store, clock=lambda: fixed_clock() - timedelta(days=3), software="0.1.0")
    with pytest.raises(Refused, match="no rig that is valid"):
        early.measure(undated)
    now = Line(store, clock=fixed_clock, software="0.1.0").measure(undated)
    with store.reader() as reader:
        row = reader.inspection(now) or {}
    assert (row["captured_at"], row["captured_at_utc"]) == (None, "2026-11-22T04:00:00.000000Z")


def test_a_pass_goes_on_from_the_stored_one_before_it(ready: Store, line: Line, frames: Frames) -> None:
    first = line.measure(frames)
    second = render(amethyst_story(2), STATION, seed=2, captured_at="2026-11-22T10:30:00+08:00")
    one = line.measure(second)
    with ready.reader() as reader:
        row = reader.inspection(one) or {}
        before = reader.inspection(first) or {}
    assert (row["previous_id"], before["previous_id"]) == (first, None)
    assert row["report"]["registration"]["from_pass"] == 1
    assert before["report"]["registration"] is None
