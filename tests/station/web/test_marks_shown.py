"""Marks, film and passes in words and drawings: where labels stand, what lies upon what, whose word counts."""

from __future__ import annotations

import math
import re
from itertools import combinations

import numpy as np
import pytest
from fastapi.testclient import TestClient
from records import defect_of, film_of, frames_of, recipe_of, report_of, rig_of, story_of
from test_api_problems import assert_problem

from inspection.defects.kinds import Kind
from inspection.report import Drift, Fit, Registration
from station.store.db import Correction, Store, What
from station.web.badges import Spot, spread
from station.web.changes import film_bars, moves, registration_in_words
from station.web.languages import CHINESE, ENGLISH
from station.web.ledger import ledger
from station.web.marks import Drawn, chips, marks
from station.web.overlaying import moved
from station.web.stage import stage
from station.web.wording import Wording

Ids = tuple[int, int, int]
en, zh = Wording(ENGLISH), Wording(CHINESE)
FRAME = stage(400, 300, [[0.5, 0, 0.25], [0, 0.5, 0.25], [0, 0, 1]])


def rows(store: Store, inspection: int) -> list[dict[str, object]]:
    with store.reader() as reader:
        return reader.marks(inspection)


def test_labels_stand_apart_inside_the_picture_and_off_the_marks() -> None:
    rng = np.random.default_rng(5)
    spots = [Spot(float(x), float(y), 8.0, 60.0) for x, y in rng.uniform((5, 5), (795, 595), (25, 2))]
    labels = spread(spots, 22.0, 800, 600)
    for x, y in labels:
        assert 30 <= x <= 770
        assert 11 <= y <= 589
    overlapping = [(a, b) for a, b in combinations(labels, 2) if abs(a[0] - b[0]) < 59.9 and abs(a[1] - b[1]) < 21.9]
    assert not overlapping
    assert max(math.dist(label, (spot.x, spot.y)) for label, spot in zip(labels, spots, strict=True)) < 200


def test_two_marks_upon_each_other_still_get_two_labels() -> None:
    one, two = spread([Spot(50, 50, 8, 60), Spot(50, 50, 8, 60)], 22.0, 800, 600)
    assert abs(one[0] - two[0]) >= 60 or abs(one[1] - two[1]) >= 22


def test_the_ring_of_a_scratch_lies_along_it() -> None:
    """30° counter-clockwise as seen is 30° up to the right: −30° in a drawing whose y is down."""
    mark = defect_of(1, Kind.SCRATCH, x_mm=100.0, y_mm=75.0, length_mm=60.0, width_mm=1.0, angle_deg=30.0)
    row = {name: getattr(mark, name) for name in mark.__slots__} | {
        "inspection_id": 1, "present": True, "missed": False, "corrected_kind": None, "false_alarm": False,
        "corrections": [],
    }  # fmt: skip
    [shown] = marks([row], FRAME, [], en)
    assert shown.drawn is not None
    assert (shown.drawn.x, shown.drawn.y) == pytest.approx((200, 150))
    assert shown.drawn.turn_deg == pytest.approx(-30)
    assert shown.drawn.along == pytest.approx(60, abs=8)
    assert shown.drawn.across < 12


def test_the_line_to_a_label_begins_at_the_ring() -> None:
    drawn = Drawn(100, 100, 40, 10, 90, 200, 100, 60)
    assert drawn.edge == pytest.approx((110, 100))
    assert Drawn(100, 100, 40, 10, 0, 100, 300, 60).edge == pytest.approx((100, 110))


def test_a_registration_moves_places_as_the_report_defines_it() -> None:
    """Centre + R · (place − centre) + shift, R counter-clockwise as seen with y down."""
    turn = math.radians(90)
    fit = {"fit": Fit.ALIGNED, "dx_mm": 1.0, "dy_mm": -2.0, "rotation_deg": math.degrees(turn)}
    matrix = moved(fit, (200.0, 100.0))
    assert matrix is not None
    # Right of the centre turns to above it.
    np.testing.assert_allclose(matrix @ (110, 50, 1), (101, 38, 1), atol=1e-9)
    assert moved(fit | {"fit": Fit.FAILED}, (200.0, 100.0)) is None
    assert moved(None, (200.0, 100.0)) is None


def test_passes_that_are_not_neighbours_lie_upon_each_other_by_those_between(
    client: TestClient, three_passes: Ids
) -> None:
    def placed(left: int, right: int) -> np.ndarray:
        answer = client.get(f"/api/panels/AM-0007/compare?left={left}&right={right}").json()
        return np.array(answer["left_to_right_mm"])

    first, second, third = three_passes
    np.testing.assert_allclose(placed(first, third), placed(second, third) @ placed(first, second), atol=1e-12)
    np.testing.assert_allclose(placed(third, third), np.eye(3))


def test_what_cannot_be_compared_is_refused(client: TestClient, three_passes: Ids, store: Store) -> None:
    frames = frames_of(1, panel="AM-0008")
    rig, recipe = rig_of(frames), recipe_of()
    other = store.save(report_of(frames, rig, recipe, **story_of(1)), frames=frames, rig=rig, recipe=recipe, maps={})
    base = "/api/panels/AM-0007/compare"
    assert_problem(client.get(f"{base}?left={other}&right={three_passes[0]}"), 422, "not of panel")
    assert_problem(client.get(f"{base}?left=99&right={three_passes[0]}"), 404, "inspection 99")
    assert_problem(client.get(f"{base}?left=1"), 422, "right")
    first, _, third = three_passes
    assert_problem(client.get(f"{base}?left={third}&right={first}"), 422, "the other way round")


def test_the_page_turns_two_passes_that_were_asked_the_wrong_way_round(client: TestClient, three_passes: Ids) -> None:
    first, _, third = three_passes
    address = "/panels/AM-0007/compare"
    answer = client.get(f"{address}?left={third}&right={first}&map=gloss_gu", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303, f"{address}?left={first}&right={third}&map=gloss_gu",
    )  # fmt: skip
    assert client.get(answer.headers["location"]).status_code == 200


def test_two_passes_open_on_gloss_where_both_have_it(client: TestClient, three_passes: Ids) -> None:
    def opened(query: str) -> str:
        text = client.get(f"/panels/AM-0007/compare?left=1&right=2{query}").text
        return re.findall(r'data-map="(\w+)"[^>]*aria-current', text)[0]

    assert [opened(query) for query in ("", "&map=picture", "&map=nothing")] == ["gloss_gu", "picture", "picture"]


def test_the_ledger_says_once_that_a_mark_has_gone(store: Store, three_passes: Ids) -> None:
    with store.reader() as reader:
        table = ledger([reader.inspection(one) or {} for one in three_passes], en)
    told = {line.id: [cell.tone for cell in line.cells] for line in table.lines}
    assert told == {
        "D1": ["found", "smaller", "removed"],
        "D2": ["found", "removed", "returned"],
        "D3": ["found", "persists", "persists"],
        "D4": ["", "new", "removed"],
    }
    assert {line.id for line in table.lines if line.there} == {"D2", "D3"}
    assert [label for _, label in table.columns] == ["Pass 1", "Pass 2", "Pass 3"]


def test_filters_look_at_what_a_person_said(store: Store, three_passes: Ids) -> None:
    for defect, what, kind in (("D1", What.KIND, Kind.DUST), ("D2", What.FALSE_ALARM, None)):
        store.add_correction(
            Correction(inspection_id=1, defect_id=defect, what=what, kind=kind, who="heron", why="wiped")
        )
    seen = rows(store, 1)
    shown = {mark.id for mark in marks(seen, None, [], en, kind="dust") if mark.shown}
    alarms = {mark.id for mark in marks(seen, None, [], en, tone="false_alarm") if mark.shown}
    assert (shown, alarms) == ({"D1"}, {"D2"})
    choices = chips(seen, None, "false_alarm", en)
    assert {chip.value: chip.count for chip in choices["kind"]} == {"": 1, "dust": 0, "crater": 0, "scratch": 1}
    assert {chip.value: chip.count for chip in choices["tone"]} == {"": 3, "found": 2, "false_alarm": 1}


def test_the_film_bar_ends_where_polishing_ends() -> None:
    bars = film_bars([{name: getattr(zone, name) for name in zone.__slots__} for zone in film_of(2)], en)
    assert [bar.state for bar in bars] == ["warn", "ok"]
    gauged = bars[1]
    assert (gauged.taken, gauged.removed, gauged.left, gauged.film) == (37.5, "6.0", "10.0", "89.0 ± 1.0")
    # The upper bound of what was taken leaves the lower bound of what may go.
    assert gauged.taken_most == pytest.approx(100 * (16 - 8.9) / 16, abs=0.1)
    spent = film_bars([{"zone": "A", "source": "recipe", "film_um": None, "u_um": 1.0, "removed_um": 18.0,
                        "left_um": -2.0, "left_low_um": -4.0, "state": "stop", "start_um": None}], en)[0]  # fmt: skip
    assert (spent.taken, spent.left, spent.left_low) == (100.0, "0.0", "0.0")


def test_what_moved_for_certain_comes_first() -> None:
    still = Drift("delta_e00", "whole", {}, "ΔE00", 0.4, -0.02, 0.07, False)
    told = [
        Drift("haze_pct", "A", {}, "%", 4.0, -5.0, 0.4, True),
        Drift("gloss_gu", "whole", {}, "GU-eq", 70.0, 5.1, 0.5, True),
    ]
    shown = moves([{name: getattr(one, name) for name in one.__slots__} for one in (still, *told)], en)
    assert [move.significant for move in shown] == [True, True, False]
    assert [move.change for move in shown] == ["−5.0", "+5.1", "−0.02"]
    assert "region A" in shown[0].label


@pytest.mark.parametrize("fit", Fit)
def test_why_nothing_is_linked_is_a_sentence(fit: Fit) -> None:
    numbers = (1.2, -0.8, 0.6, 0.07) if fit is Fit.ALIGNED else (None, None, None, None)
    registration = Registration(fit, 3, *numbers)
    row = {name: getattr(registration, name) for name in registration.__slots__}
    for words in (en, zh):
        assert "3" in registration_in_words(row, words)
    if fit is Fit.ALIGNED:
        assert "± 0.14 mm" in registration_in_words(row, en)
    assert registration_in_words(None, en) == ""


def test_reasons_about_marks_and_film_are_sentences() -> None:
    made = {"pass": 3, "count": 2, "kinds": "hologram, swirl"}
    assert en.reason("caused_by_pass", made, "").startswith("Pass 3 made 2 new marks (Holograms, Swirl marks)")
    assert zh.reason("caused_by_pass", made, "").startswith("第 3 道造成了 2 个新缺陷（光影纹、抛光纹）")
    limit = {"zone": "whole", "left": 3.14159, "low": -0.5}
    assert en.reason("film_limit", limit, "").startswith("whole panel: 3.1 µm of film may still go, -0.5 µm for sure")
    crater = en.reason("mark_not_curable", {"place": "D3", "kind": "crater"}, "")
    assert crater == "Mark D3 (Crater) cannot be polished out."
    assert "60%" in en.reason("outlook", {"probability": 0.6, "count": 4}, "")
