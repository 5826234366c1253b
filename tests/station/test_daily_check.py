"""The daily check of a station: met, not met with the reason, late, recovered; and what it does to the panels."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from check_sets import BEGAN, FINE, PANEL, STATION, at, check_set, rig

from inspection.frames import Frames, Role
from inspection.recipe import Recipe, parse_recipe
from inspection.refused import Refused
from inspection.report import GateState
from inspection.rig import Rig
from samples.panels import NAMED as PANELS
from samples.scene import render
from station.daily_check import State, reasons, stations
from station.line import Line
from station.store.db import CheckQuery, PanelQuery, Store

RECIPE = """format = "paint-recipe/1"
name = "check-amethyst"
title = { zh = "紫水晶", en = "Amethyst" }
passes = 5
n_clear = 1.51
[colour]
lab = [28.0, 26.0, -34.0]
[[checks]]
measure = "gloss_gu"
low = 70.0
"""


def opened(folder: Path) -> Store:
    return Store.open(folder / "station.db", clock=lambda: BEGAN + timedelta(hours=3))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Empty."""
    with closing(opened(tmp_path / "data")) as empty:
        yield empty


@pytest.fixture(scope="module")
def begun_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    with closing(opened(folder)) as made:
        for seed in (1, 2, 3):
            line_of(made).check(check_set(seed), rig=rig(), first=True)
    return folder


@pytest.fixture
def begun(begun_folder: Path, tmp_path: Path) -> Iterator[Store]:
    """With the first three checks of the check panel."""
    shutil.copytree(begun_folder, tmp_path / "begun")
    with closing(opened(tmp_path / "begun")) as copied:
        yield copied


def line_of(store: Store, asks_hours: float | None = None, hours: float = 3.0) -> Line:
    return Line(store, clock=lambda: BEGAN + timedelta(hours=hours), software="test", daily_check_hours=asks_hours)


def checked(line: Line, frames: Frames, store: Store, with_rig: Rig | None = None) -> dict[str, Any]:
    number = line.check(frames, rig=with_rig or rig())
    with store.reader() as reader:
        row = reader.check(number)
    assert row is not None
    return row


def recipe() -> Recipe:
    return parse_recipe(RECIPE, "r.toml")


def panel(hours: float = 1.0) -> Frames:
    return replace(render(PANELS["flat"](5), STATION, seed=8, captured_at=at(hours)), panel="AM-1")


def gate_of(line: Line, frames: Frames, store: Store, with_rig: Rig | None = None) -> tuple[str, str, str, str]:
    """State and fault of the gate, the panel's verdict, its next step."""
    number = line.measure(frames, recipe=recipe(), rig=with_rig or rig())
    with store.reader() as reader:
        row = reader.inspection(number)
    assert row is not None
    [gate] = [one for one in row["report"]["gates"] if one["id"] == "daily_check"]
    return gate["state"], gate["fault"], row["verdict"], row["action"]


def state_of(store: Store, hours: float | None, after: float) -> dict[str, object]:
    with store.reader() as reader:
        [one] = stations(reader, hours, BEGAN + timedelta(hours=after))
    return one


def test_a_station_that_is_as_it_was_meets_its_check_and_releases(begun: Store) -> None:
    line = line_of(begun, 24.0)
    row = checked(line, check_set(4), begun)
    assert row["met"] is True
    assert {one["quantity"] for one in row["judged"]} == {"gloss_gu", "clarity_3mm_pct", "delta_e00"}
    assert gate_of(line, panel(), begun) == ("ok", "", "pass", "release")
    assert state_of(begun, 24.0, 2.0)["state"] == State.MET


@pytest.mark.parametrize("change", [{"lamp": 0.97}, {"reddened": 1.04}])
def test_a_station_whose_lamps_changed_is_on_hold_and_says_why(begun: Store, change: dict[str, float]) -> None:
    line = line_of(begun, 24.0)
    row = checked(line, check_set(5, **change), begun)
    assert row["met"] is False
    [why] = reasons(row)
    assert "delta_e00" in why
    assert gate_of(line, panel(), begun) == ("red", "failed", "hold", "wipe_and_measure_again")
    told = state_of(begun, 24.0, 2.0)
    assert (told["state"], told["on_hold"], told["reasons"]) == (State.FAILED, True, [why])


def test_a_glass_that_was_dirty_at_the_last_calibration_is_found(begun: Store) -> None:
    """A film that takes 1.5 % off the glass's fringes makes every panel read 1.5 % higher."""
    line, soiled = line_of(begun, 24.0), rig(2)
    soiled = replace(soiled, modulation={key: map_ * 0.985 for key, map_ in soiled.modulation.items()})
    row = checked(line, check_set(6), begun, soiled)
    assert row["met"] is False
    assert any("gloss_gu" in why for why in reasons(row))


def test_a_capture_that_may_not_be_believed_is_no_check_that_was_met(begun: Store) -> None:
    line = line_of(begun, 24.0)
    unwiped = replace(check_set(4), conditions=replace(check_set(4).conditions, wiped=False))
    row = checked(line, unwiped, begun)
    assert row["met"] is False
    assert reasons(row) == ["The panel was not wiped before the capture."]


def test_the_station_recovers_with_the_next_check_that_is_met(begun: Store) -> None:
    line = line_of(begun, 24.0)
    checked(line, check_set(5, lamp=0.97), begun)
    assert checked(line, check_set(4, hours=0.5), begun)["met"] is True
    assert gate_of(line, panel(), begun) == ("ok", "", "pass", "release")
    # What was captured while the station was on hold stays so.
    assert gate_of(line, panel(0.2), begun)[:2] == ("red", "failed")


def test_a_check_holds_as_long_as_the_station_says(begun: Store) -> None:
    line = line_of(begun, 24.0)
    checked(line, check_set(4), begun)
    short = line_of(begun, asks_hours=0.5)
    assert gate_of(short, panel(0.4), begun)[:2] == ("ok", "")
    assert gate_of(short, panel(), begun) == ("red", "late", "hold", "wipe_and_measure_again")
    assert state_of(begun, 0.5, 2.0)["state"] == State.LATE


def test_a_station_that_was_never_checked_releases_nothing_where_checks_are_asked_for(begun: Store) -> None:
    line = line_of(begun, 24.0)
    assert gate_of(line, panel(), begun) == ("red", "never", "hold", "wipe_and_measure_again")
    assert state_of(begun, 24.0, 2.0)["state"] == State.NEVER


def test_a_station_that_asks_for_no_checks_says_so(store: Store) -> None:
    line = line_of(store)
    store.put_rig(rig())
    assert gate_of(line, panel(), store) == ("unknown", "", "pass", "release")
    assert state_of(store, None, 2.0)["state"] == State.UNASKED


def test_a_check_that_was_not_met_counts_where_none_was_asked_for(begun: Store) -> None:
    line = line_of(begun)
    checked(line, check_set(5, lamp=0.97), begun)
    assert gate_of(line, panel(), begun)[:2] == ("red", "failed")


def test_a_new_calibration_wants_a_new_check(begun: Store) -> None:
    line = line_of(begun, 24.0)
    checked(line, check_set(4), begun)
    assert gate_of(line, panel(), begun, rig(2)) == ("red", "calibrated", "hold", "wipe_and_measure_again")
    begun.put_rig(replace(rig(2), calibrated_at=at(0.5)))
    assert state_of(begun, 24.0, 2.0)["state"] == State.CALIBRATED


def test_first_checks_make_the_panel_s_values_until_one_was_judged(store: Store, begun: Store) -> None:
    with pytest.raises(Refused, match=r'"CP-1" has 0 first checks .* 3 are needed'):
        line_of(store).check(check_set(4), rig=rig())
    line = line_of(begun)
    with pytest.raises(Refused, match="stored as a daily check already"):
        line.check(check_set(3), rig=rig(), first=True)
    checked(line, check_set(4), begun)
    with pytest.raises(Refused, match="its values stand"):
        line.check(check_set(5, hours=1.0), rig=rig(), first=True)
    with begun.reader() as reader:
        rows = reader.checks(CheckQuery(check_panel=PANEL)).items
        assert [row["first"] for row in rows].count(True) == 3
        assert reader.panels(PanelQuery()).items == []
        kept = reader.capture(check_set(4).sha256)
    assert kept is not None
    assert len(kept["frames"]) == len(check_set(4).frames)


def test_a_bad_first_check_is_refused(store: Store) -> None:
    unwiped = replace(check_set(4), conditions=replace(check_set(4).conditions, wiped=False))
    with pytest.raises(Refused, match="no first check can be made of this capture: The panel was not wiped"):
        line_of(store).check(unwiped, rig=rig(), first=True)


def test_millimetres_are_checked_where_the_first_checks_show_a_plate(store: Store) -> None:
    """A camera that was moved by 0.2 % of its distance: 0.2 mm on 100 mm; and a plate that is forgotten."""
    line, mine = line_of(store), rig(1, FINE)
    for seed in (1, 2, 3):
        line.check(check_set(seed, scale=1.0), rig=mine, first=True)
    good = checked(line, check_set(4, scale=1.0), store, mine)
    assert good["met"] is True
    assert "scale_pct" in {one["quantity"] for one in good["judged"]}
    moved = checked(line, check_set(5, hours=0.1, scale=1.002), store, mine)
    assert moved["met"] is False
    [why] = reasons(moved)
    assert "scale_pct" in why
    bare = check_set(6, hours=0.2, scale=1.0)
    bare = replace(bare, frames=tuple(f for f in bare.frames if f.role is not Role.GRID))
    assert reasons(checked(line, bare, store, mine)) == [
        "scale_pct was not measured, and the first checks of this panel have it."
    ]


def test_a_check_panel_is_not_inspected_and_a_panel_is_no_check(store: Store) -> None:
    with pytest.raises(Refused, match="use `daily-check`"):
        line_of(store).measure(check_set(4), recipe=recipe(), rig=rig())
    with pytest.raises(Refused, match="check_panel: missing"):
        line_of(store).check(panel(), rig=rig())


def test_a_simulated_check_says_nothing_of_a_real_station(begun: Store) -> None:
    line = line_of(begun, 24.0)
    checked(line, check_set(4), begun)
    real = replace(panel(), simulated=False)
    state, fault, _, _ = gate_of(line, real, begun)
    assert (GateState(state), fault) == (GateState.RED, "never")


def test_times_are_those_of_the_captures(begun: Store) -> None:
    line = line_of(begun, 24.0)
    row = checked(line, check_set(4, hours=0.25), begun)
    assert datetime.fromisoformat(str(row["captured_at"])) == BEGAN + timedelta(hours=0.25)
