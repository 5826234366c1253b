"""What the store knows of a panel before its next pass: film that was gauged late, and what such passes did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import save_in
from records import RECIPE_TEXT, VALUES, findings_of, frames_of, recipe_of, report_of, rig_of

from inspection.frames import Conditions, Frames, Gauged
from inspection.passes.experience import key_of
from inspection.passes.follow import after_pass
from inspection.reading import Quality
from inspection.report import Action, Gate, GateState
from station.store.db import FilmReading, Store
from station.store.past import experience_of, past_of

FILM_RECIPE = recipe_of(RECIPE_TEXT + "[film]\nstart_um = 95.0\nremovable_um = 16.0\nper_pass_um = 3.0\n")
START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
Doubts = tuple[Quality, ...]


@pytest.fixture
def ticking(tmp_path: Path) -> Iterator[Store]:
    """A store whose clock goes on by a second whenever it is asked."""
    ticks = iter(range(10_000))
    opened = Store.open(tmp_path / "station.db", clock=lambda: START + timedelta(seconds=next(ticks)))
    yield opened
    opened.close()


def gauge(store: Store, pass_number: int, film_um: float, zone: str = "A", u_um: float | None = None) -> None:
    reading = FilmReading(coat_number=1, pass_number=pass_number, zone=zone, film_um=film_um, who="heron", u_um=u_um)
    store.add_film_reading("AM-0007", reading)


def test_a_first_pass_has_no_past(store: Store) -> None:
    with store.reader() as reader:
        past = past_of(reader, frames_of(1), FILM_RECIPE)
    assert (past.previous_id, past.earlier) == (None, None)
    assert past.frames.conditions == frames_of(1).conditions


def test_a_reading_of_this_pass_counts_as_taken_now(ticking: Store) -> None:
    save_in(ticking, frames_of(1))
    gauge(ticking, 2, 88.0)
    gauge(ticking, 2, 87.5)
    gauge(ticking, 2, 91.0, "B")
    gauge(ticking, 3, 60.0)
    with ticking.reader() as reader:
        past = past_of(reader, frames_of(2), FILM_RECIPE)
    assert past.frames.conditions.film_um == {"A": 87.5, "B": 91.0}


def test_a_reading_with_its_own_uncertainty_counts_as_sure_as_that(ticking: Store) -> None:
    save_in(ticking, frames_of(1))
    gauge(ticking, 0, 95.0, u_um=1.8)
    gauge(ticking, 2, 88.0, u_um=0.4)
    with ticking.reader() as reader:
        past = past_of(reader, frames_of(2), FILM_RECIPE)
    assert past.frames.conditions.film_um == {"A": Gauged(88.0, 0.4)}
    assert past.film_so_far is not None
    [zone] = [zone for zone in past.film_so_far.zones if zone.zone == "A"]
    assert (zone.start_um, zone.u_start_um) == (95.0, 1.8)


def test_a_reading_that_came_late_corrects_the_film_of_its_own_pass(ticking: Store) -> None:
    """The next pass takes more from what was gauged: the reading is not taken for one of now."""
    save_in(ticking, frames_of(1))
    gauge(ticking, 1, 70.0)
    first = save_in(ticking, frames_of(1))
    with ticking.reader() as reader:
        before = past_of(reader, frames_of(2), FILM_RECIPE)
    gauge(ticking, 1, 85.0)
    with ticking.reader() as reader:
        after = past_of(reader, frames_of(2), FILM_RECIPE)
    assert before.previous_id == after.previous_id == first
    assert before.earlier is not None
    assert before.film_so_far is None
    assert after.film_so_far is not None
    assert after.film_so_far.pass_number == 1
    zones = [{zone.zone: zone for zone in film} for film in (before.earlier.film, after.film_so_far.zones)]
    # The report said 92 µm: a reading of 85 µm takes it down, and 70 µm was known when it was made.
    assert zones[0]["A"].film_um == pytest.approx(92.0)
    assert zones[1]["A"].film_um is not None
    assert 84.0 < zones[1]["A"].film_um < 91.0
    assert zones[1]["A"].removed_um > zones[0]["A"].removed_um
    assert after.frames.conditions.film_um == frames_of(2).conditions.film_um


def test_a_reading_before_the_first_polishing_is_the_start_of_a_panel_first_seen_after_it(store: Store) -> None:
    with_panel = frames_of(2, conditions=Conditions(wiped=True))
    save_in(store, frames_of(1, coat_number=2))
    gauge(store, 0, 102.0)
    with store.reader() as reader:
        past = past_of(reader, with_panel, FILM_RECIPE)
    assert past.earlier is None
    assert past.film_so_far is not None
    done = after_pass(
        report_of(with_panel, rig_of(with_panel), FILM_RECIPE),
        FILM_RECIPE,
        past.earlier,
        field_mm=(12.0, 9.6),
        conditions=past.frames.conditions,
        film_so_far=past.film_so_far,
    )
    [zone] = done.film
    per_pass = FILM_RECIPE.film.per_pass_um
    assert per_pass is not None
    assert (zone.zone, zone.source, zone.start_um) == ("A", "gauge", 102.0)
    assert zone.film_um == pytest.approx(102.0 - 2 * per_pass)


def test_a_reading_of_a_pass_before_the_last_one_moves_all_that_was_counted_since(ticking: Store) -> None:
    save_in(ticking, frames_of(1))
    save_in(ticking, frames_of(2))
    gauge(ticking, 0, 102.0)
    with ticking.reader() as reader:
        past = past_of(reader, frames_of(3), FILM_RECIPE)
    assert past.film_so_far is not None
    # The captures brought readings of their own, and they were gone on from.
    assert past.film_so_far.pass_number == 2
    assert past.film_so_far.zones[0].start_um == 102.0


def test_experience_is_what_passes_of_that_number_did(store: Store, save: Callable[[Frames], int]) -> None:
    for number, panel in ((1, "P-1"), (2, "P-1"), (1, "P-2"), (2, "P-2"), (2, "P-2")):
        save(frames_of(number, panel=panel))
    haze = key_of(next(f for f in findings_of(1) if f.measure == "haze_pct" and f.region == "whole"))
    with store.reader() as reader:
        known = experience_of(reader, 2, simulated=True)
        later = experience_of(reader, 3, simulated=True)
        real = experience_of(reader, 2, simulated=False)
    change = known.change("amethyst", 2, haze)
    assert change is not None
    values = VALUES["haze_pct", ()][0]
    assert change.mean == pytest.approx(values[1] - values[0])
    # Two panels; the pass that was measured twice counts once.
    assert change.n == 2
    assert later.change("amethyst", 3, haze) is None
    assert real.change("amethyst", 2, haze) is None


def attempt(store: Store, haze: float, action: Action, *, gates: tuple[Gate, ...] = (), doubts: Doubts = ()) -> None:
    """One attempt at pass 2, with its haze and what it advised."""
    frames = frames_of(2)
    report = report_of(frames, rig_of(frames), recipe_of())
    findings = tuple(
        replace(one, value=haze, quality=doubts) if (one.measure, one.region) == ("haze_pct", "whole") else one
        for one in report.findings
    )
    step = replace(report.next_step, action=action)
    told = replace(report, findings=findings, next_step=step, gates=gates)
    store.save(told, frames=frames, rig=rig_of(frames), recipe=recipe_of(), maps={})


OILY = Gate("oil", GateState.RED, 8.0, "%", 4.0, "Wipe the oil off.", "hazy")
UNWIPED = Gate("wiped", GateState.RED, None, "1", None, "It was not wiped.", "not")


def haze_before(store: Store, pass_number: int = 2, **changes: object) -> float | None:
    with store.reader() as reader:
        return past_of(reader, frames_of(pass_number, **changes), FILM_RECIPE).before_wiping


def test_the_haze_before_wiping_is_that_of_the_attempt_that_was_sent_to_be_wiped(store: Store) -> None:
    assert haze_before(store) is None
    attempt(store, 8.0, Action.WIPE_AND_MEASURE_AGAIN, gates=(OILY,))
    assert haze_before(store) == 8.0
    assert haze_before(store, 3) is None
    assert haze_before(store, coat_number=2) is None
    assert haze_before(store, panel="AM-0008") is None


def test_an_attempt_that_was_not_sent_to_be_wiped_is_no_comparison(store: Store) -> None:
    attempt(store, 8.0, Action.WIPE_AND_MEASURE_AGAIN, gates=(OILY,))
    attempt(store, 2.0, Action.FULL_PASS)
    assert haze_before(store) is None


def test_an_attempt_that_is_measured_again_for_another_reason_is_no_comparison(store: Store) -> None:
    late = Gate("daily_check", GateState.RED, 30.0, "h", 24.0, "Late.", "late")
    attempt(store, 2.0, Action.WIPE_AND_MEASURE_AGAIN, gates=(late,))
    assert haze_before(store) is None
    off = Gate(
        "oil", GateState.OK, 2.0, "%", None, "It was oil.", "", {"told": "wiped_off", "before": 8.0, "taken": 6.0}
    )
    attempt(store, 2.0, Action.WIPE_AND_MEASURE_AGAIN, gates=(late, off))
    assert haze_before(store) is None


def test_an_attempt_that_was_compared_already_goes_on_being_one(store: Store) -> None:
    """Haze in the paint does not become oil again at the third attempt."""
    kept = Gate("oil", GateState.OK, 8.1, "%", 8.0, "It is in the paint.", "", {"told": "in_paint", "before": 8.0})
    attempt(store, 8.0, Action.WIPE_AND_MEASURE_AGAIN, gates=(OILY,))
    attempt(store, 8.1, Action.FULL_PASS, gates=(kept,))
    assert haze_before(store) == 8.1


def test_haze_that_may_not_be_believed_is_no_comparison(store: Store) -> None:
    attempt(store, 8.0, Action.WIPE_AND_MEASURE_AGAIN, gates=(OILY,), doubts=(Quality.SPOILT,))
    assert haze_before(store) is None
    attempt(store, 7.0, Action.WIPE_AND_MEASURE_AGAIN, gates=(UNWIPED,), doubts=(Quality.NOT_WIPED,))
    assert haze_before(store) == 7.0
