"""The sample recipes: valid, named as their files, in both languages, and possible to meet."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import inspection.measures
import samples
from calibration import calibrate
from inspection.passes.earlier import Earlier
from inspection.pipeline import examine
from inspection.recipe import Recipe, parse_recipe
from inspection.registry import MEASURES, discover
from inspection.report import Action
from inspection.verdict import Verdict
from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED

FOLDER = Path(samples.__file__).parent / "recipes"
FILES = sorted(FOLDER.glob("*.toml"))


def read(name: str) -> Recipe:
    """One shipped recipe."""
    return parse_recipe((FOLDER / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


def test_every_kind_of_part_and_colour_is_there() -> None:
    """Two flagships, three more launch colours, two standard colours, a wheel and a calliper."""
    assert {path.stem for path in FILES} == {
        "amethyst", "graphite", "jade", "ember", "glacier", "obsidian", "snow", "wheel-bronze", "calliper-yellow",
    }  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recipe_is_valid_and_speaks_both_languages(path: Path) -> None:
    recipe = read(path.stem)
    assert recipe.name == path.stem
    assert set(recipe.title) == {"zh", "en"}
    assert any("\u4e00" <= sign <= "\u9fff" for sign in recipe.title["zh"])
    assert recipe.title["en"].isascii()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_pass_is_judged_and_the_last_one_by_colour_and_gloss(path: Path) -> None:
    recipe = read(path.stem)
    discover(inspection.measures)
    for pass_number in range(1, recipe.passes + 1):
        judged = {c.measure for c in recipe.checks if c.passes is None or pass_number in c.passes}
        assert judged
        assert judged <= set(MEASURES)
    assert {"delta_e00", "gloss_of_ceiling_pct", "gloss_cv_pct"} <= judged


@pytest.mark.parametrize(
    ("name", "lab", "passes"), [("amethyst", (28.0, 26.0, -34.0), 5), ("graphite", (22.0, -0.4, -2.0), 3)]
)
def test_flagships_have_the_agreed_targets(name: str, lab: tuple[float, float, float], passes: int) -> None:
    recipe = read(name)
    assert recipe.target_lab == lab
    assert recipe.n_clear == 1.5
    assert recipe.passes == passes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_limits_never_loosen_from_pass_to_pass(path: Path) -> None:
    """A later pass must not accept what an earlier one refused: a panel would be polished to fail."""
    recipe = read(path.stem)
    for measure in {c.measure for c in recipe.checks}:
        for knobs in {tuple(sorted(c.knobs.items())) for c in recipe.checks if c.measure == measure}:
            same = [c for c in recipe.checks if c.measure == measure and tuple(sorted(c.knobs.items())) == knobs]
            by_pass = [(n, c) for n in range(1, recipe.passes + 1) for c in same if c.passes is None or n in c.passes]
            for (_, earlier), (_, later) in pairwise(by_pass):
                if earlier.low is not None and later.low is not None:
                    assert later.low >= earlier.low
                if earlier.high is not None and later.high is not None:
                    assert later.high <= earlier.high


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_all_passes_together_fit_in_the_film_budget(path: Path) -> None:
    film = read(path.stem).film
    if film is not None and film.per_pass_um is not None and film.removable_um is not None:
        assert film.per_pass_um * read(path.stem).passes <= film.removable_um
        assert film.start_um is not None
        assert film.removable_um < film.start_um / 2


@pytest.mark.parametrize("station", ["A", "B"])
def test_amethyst_is_met_after_the_fifth_pass_and_not_before(station: str) -> None:
    """On stations of other angles, periods and step counts; a swirl fails the third pass."""
    small = NAMED[station].sized(240)  # 96 mm: three waves of 30 mm
    rig = calibrate([render_reference(small, seed=1)])
    recipe = read("amethyst")
    verdicts, actions, earlier = [], [], None
    for number in (1, 2, 3, 4, 5):
        frames = render(amethyst_story(number), small, seed=2)
        done = examine(frames, rig, recipe, now="2026-11-22T09:30:00+08:00", software="0", earlier=earlier)
        earlier = Earlier.of(done.report)
        verdicts.append(done.report.verdict)
        actions.append(done.report.next_step.action)
    verdicts, actions = verdicts[2:], actions[2:]
    assert verdicts == [Verdict.FAIL, Verdict.PASS, Verdict.PASS]
    assert actions[0] is Action.FULL_PASS
    # What is left then is the swirl: where a station's other values are clear of their limits, work there is enough.
    assert actions[1] in (Action.FULL_PASS, Action.WORK_HERE)
    assert actions[2] is Action.RELEASE
