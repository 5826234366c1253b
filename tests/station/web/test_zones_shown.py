"""The zones of gloss over the picture."""

from __future__ import annotations

from typing import Any

import pytest

from station.web.languages import LANGUAGES
from station.web.stage import stage
from station.web.wording import Wording
from station.web.zones import zones

#: Two by two zones of 20 mm on pixels of half a millimetre.
FRAME = stage(80, 80, ((0.5, 0.0, 0.25), (0.0, 0.5, 0.25), (0.0, 0.0, 1.0)))
GRID = [{"x_mm": x, "y_mm": y, "gu": gu} for x, y, gu in ((10, 10, 80), (30, 10, 81), (10, 30, 79), (30, 30, 71.3))]
TOLD: dict[str, Any] = {
    "zone_mm": 20.0,
    "zones": GRID,
    "worst": {"x_mm": 28.0, "y_mm": 30.0, "gu": 70.5},
    "steepest": [{"x_mm": 30.0, "y_mm": 30.0, "gu": 71.3}, {"x_mm": 30.0, "y_mm": 10.0, "gu": 81.0}],
}


@pytest.mark.parametrize(("language", "lowest"), [("en", "70.5"), ("zh", "70.5")])
def test_every_zone_says_its_gloss_and_the_dullest_square_its_own(language: str, lowest: str) -> None:
    drawn = zones(TOLD, FRAME, Wording(LANGUAGES[language]))
    assert drawn is not None
    # The zone under the dullest square gives way: two numbers on one another are none.
    assert {label.words for label in drawn.labels} == {"80.0", "81.0", "79.0", lowest}
    assert drawn.worst is not None
    assert drawn.worst.points == "36,40 76,40 76,80 36,80"


def test_the_arrow_runs_from_the_brighter_to_the_duller_square() -> None:
    drawn = zones(TOLD, FRAME, Wording(LANGUAGES["en"]))
    assert drawn is not None
    duller, brighter = drawn.steepest
    assert (duller.x, duller.y, duller.words) == (60.0, 60.0, "71.3")
    assert (brighter.x, brighter.y) == (60.0, 20.0)
    assert brighter.points == "40,0 80,0 80,40 40,40"


def test_a_report_of_an_older_program_has_no_zones_to_draw() -> None:
    assert zones(None, FRAME, Wording(LANGUAGES["en"])) is None
