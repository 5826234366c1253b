"""Recipes: a typo is refused with its line and field; nothing is ignored and nothing is guessed."""

from __future__ import annotations

import hashlib
import re

import pytest

from inspection.recipe import parse_recipe
from inspection.refused import Refused

GOOD = """\
format = "paint-recipe/1"
name = "amethyst-2"
title = { zh = "紫水晶", en = "Amethyst" }
passes = 5
n_clear = 1.5

[colour]
lab = [28.0, 26.0, -34.0]

[film]
start_um = 95.0
per_pass_um = 3.0

[[regions]]
name = "A"
polygon_mm = [[5, 5], [30, 5], [30, 30], [5, 30]]

[[regions]]
name = "edge"
polygon_mm = [[0, 0], [5, 0], [5, 30]]

[[checks]]
measure = "delta_e00"
high = 0.8

[[checks]]
measure = "waviness_rms_um"
band_from_mm = 3.0
band_to_mm = 10.0
high = 0.5
region = "A"
passes = [4, 5]

[[checks]]
measure = "gloss_gu"
low = 70
"""
LINES = GOOD.splitlines()


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


WAVY, GLOSSY = "high = 0.5", "low = 70"
#: what is wrong → text, line, field as named in the message, word in the message.
BAD: dict[str, tuple[str, int, str, str]] = {
    "wrong format": (changed("recipe/1", "recipe/2"), 1, "format", "paint-recipe/1"),
    "no format": (changed(LINES[0] + "\n", ""), 1, "format", "missing"),
    "no name": (changed(LINES[1] + "\n", ""), 1, "name", "missing"),
    "capitals in the name": (changed("amethyst-2", "Amethyst"), 2, "name", "Amethyst"),
    "a path as name": (changed("amethyst-2", "../snow"), 2, "name", "../snow"),
    "no Chinese title": (changed('zh = "紫水晶", ', ""), 3, "title.zh", "missing"),
    "empty title": (changed('"Amethyst"', '""'), 3, "title.en", "at least 1"),
    "another language": (
        changed('en = "Amethyst" }', 'en = "Amethyst", de = "Amethyst" }'), 3, "title.de", "unknown key"
    ),
    "no passes": (changed("passes = 5\n", ""), 1, "passes", "missing"),
    "half a pass": (changed("passes = 5\n", "passes = 4.5\n"), 4, "passes", "4.5"),
    "passes as truth value": (changed("passes = 5\n", "passes = true\n"), 4, "passes", "True"),
    "negative passes": (changed("passes = 5\n", "passes = -1\n"), 4, "passes", "-1"),
    "no index": (changed("n_clear = 1.5\n", ""), 1, "n_clear", "missing"),
    "index of water": (changed("n_clear = 1.5", "n_clear = 1.2"), 5, "n_clear", "1.3"),
    "index as text": (changed("n_clear = 1.5", 'n_clear = "1.5"'), 5, "n_clear", "number"),
    "index that is no number": (changed("n_clear = 1.5", "n_clear = nan"), 5, "n_clear", "nan"),
    "unknown key at the top": (changed("passes = 5\n", "passes = 5\npases = 5\n"), 5, "pases", "unknown key"),
    "unknown key in the colour": (changed("lab =", "lba ="), 7, "colour.lab", "missing"),
    "unknown key beside the colour": (
        changed("-34.0]", "-34.0]\nilluminant = 1"), 9, "colour.illuminant", "unknown key"
    ),
    "colour of two numbers": (changed("[28.0, 26.0, -34.0]", "[28.0, 26.0]"), 8, "colour.lab", "3"),
    "colour without a number": (changed("28.0, 26.0", "inf, 26.0"), 8, "colour.lab", "inf"),
    "colour lighter than white": (changed("28.0, 26.0", "128.0, 26.0"), 8, "colour.lab", "0 to 100"),
    "unknown key in the film": (changed("start_um", "start_mm"), 11, "film.start_mm", "unknown key"),
    "film of no thickness": (changed("95.0", "0.0"), 11, "film.start_um", "greater than 0"),
    "unknown key in a region": (changed('"A"\npoly', '"A"\ncolour = 1\npoly'), 16, "regions.0.colour", "unknown key"),
    "region without corners": (
        changed("polygon_mm = [[0, 0], [5, 0], [5, 30]]\n", ""), 18, "regions.1.polygon_mm", "missing"
    ),
    "region of two corners": (changed(", [5, 30]]\n\n[[checks]]", "]\n\n[[checks]]"), 20, "regions.1.polygon_mm", "3"),
    "corner of three numbers": (changed("[5, 0], [5, 30]]", "[5, 0, 0], [5, 30]]"), 20, "regions.1.polygon_mm", "2"),
    "region on a line": (changed("[5, 0], [5, 30]]", "[5, 5], [9, 9]]"), 20, "regions.1.polygon_mm", "no area"),
    "two regions of a name": (changed('name = "edge"', 'name = "A"'), 19, "regions.1.name", "taken"),
    "a region called whole": (changed('name = "edge"', 'name = "whole"'), 19, "regions.1.name", "taken"),
    "no checks": (GOOD[: GOOD.index("[[checks]]")], 1, "checks", "missing"),
    "empty list of checks": ("checks = []\n" + GOOD[: GOOD.index("[[checks]]")], 1, "checks", "at least 1"),
    "unknown measure": (changed("gloss_gu", "glos_gu"), 35, "checks.2.measure", "unknown measure"),
    "check without measure": (changed('measure = "gloss_gu"\n', ""), 34, "checks.2.measure", "missing"),
    "unknown knob": (changed(GLOSSY, "low = 70\nzone_mm = 20"), 37, "checks.2.zone_mm", "no such knob"),
    "misspelt limit": (changed(GLOSSY, "lo = 70"), 36, "checks.2.lo", "unknown key"),
    "knob as text": (changed("band_to_mm = 10.0", 'band_to_mm = "10"'), 29, "checks.1.band_to_mm", "number"),
    "knob as truth value": (changed("band_to_mm = 10.0", "band_to_mm = true"), 29, "checks.1.band_to_mm", "number"),
    "endless knob": (changed("band_to_mm = 10.0", "band_to_mm = inf"), 29, "checks.1.band_to_mm", "number"),
    "negative knob": (changed("band_from_mm = 3.0", "band_from_mm = -3.0"), 28, "checks.1.band_from_mm", "above 0"),
    "band upside down": (
        changed("band_from_mm = 3.0", "band_from_mm = 10.0"), 28, "checks.1.band_from_mm", "less than"
    ),
    "unknown region": (changed('region = "A"', 'region = "B"'), 31, "checks.1.region", "unknown region"),
    "pass beyond the last": (changed("passes = [4, 5]", "passes = [4, 6]"), 32, "checks.1.passes", "pass 6"),
    "negative pass": (changed("passes = [4, 5]", "passes = [-1]"), 32, "checks.1.passes", "pass -1"),
    "no pass at all": (changed("passes = [4, 5]", "passes = []"), 32, "checks.1.passes", "at least 1"),
    "pass as text": (changed("passes = [4, 5]", 'passes = ["4"]'), 32, "checks.1.passes", "integer"),
    "no limit": (changed("\n" + GLOSSY, ""), 35, "checks.2.measure", "low, high or both"),
    "limits upside down": (changed(GLOSSY, "low = 70\nhigh = 60"), 36, "checks.2.low", "less than high"),
    "limits alike": (changed(GLOSSY, "low = 70\nhigh = 70"), 36, "checks.2.low", "less than high"),
    "limit that is no number": (changed(GLOSSY, "low = nan"), 36, "checks.2.low", "nan"),
    "endless limit": (changed(WAVY, "high = inf"), 30, "checks.1.high", "inf"),
    "limit as truth value": (changed(GLOSSY, "low = true"), 36, "checks.2.low", "True"),
    "limit as text": (changed(GLOSSY, 'low = "70"'), 36, "checks.2.low", "number"),
    "limit nothing can keep": (changed(WAVY, "high = -0.5"), 30, "checks.1.high", "impossible"),
    "gloss above every ceiling": (changed(GLOSSY, "low = 101"), 36, "checks.2.low", "Fresnel ceiling"),
    "clarity of more than glass": (
        changed('"gloss_gu"\nlow = 70', '"clarity_pct"\nlow = 120'), 36, "checks.2.low", "impossible"
    ),
    "colour without target": (
        changed("[colour]\nlab = [28.0, 26.0, -34.0]\n\n", ""), 20, "checks.0.measure", "needs a target"
    ),
    "not TOML": (changed("passes = 5\n", "passes = = 5\n"), 4, "", "not valid TOML"),
    "a key twice": (changed("n_clear = 1.5", "n_clear = 1.5\nn_clear = 1.5"), 6, "", "not valid TOML"),
    "cut off": (changed("passes = [4, 5]", "passes = [4,"), 34, "", "not valid TOML"),
    "empty file": ("", 1, "format", "missing"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "field", "word"), BAD.values(), ids=BAD)
def test_a_bad_recipe_is_refused_with_line_and_field(text: str, line: int, field: str, word: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_recipe(text, "a.toml")
    message = str(refusal.value)
    found = re.match(r"a\.toml:(\d+): (.*)", message)
    assert found, message
    assert int(found.group(1)) == line, message
    assert found.group(2).startswith(field), message
    assert word in message
    assert "\n" not in message


def test_the_good_recipe_says_what_was_written() -> None:
    recipe = parse_recipe(GOOD, "a.toml")
    assert (recipe.name, recipe.passes, recipe.n_clear) == ("amethyst-2", 5, 1.5)
    assert recipe.title == {"zh": "紫水晶", "en": "Amethyst"}
    assert recipe.target_lab == (28.0, 26.0, -34.0)
    assert (recipe.film.start_um, recipe.film.removable_um, recipe.film.per_pass_um) == (95.0, None, 3.0)
    assert [r.name for r in recipe.regions] == ["A", "edge"]
    colour, waves, gloss = recipe.checks
    assert (colour.measure, colour.low, colour.high, colour.region, colour.passes) == (
        "delta_e00", None, 0.8, "whole", None,
    )  # fmt: skip
    assert waves.knobs == {"band_from_mm": 3.0, "band_to_mm": 10.0}
    assert (waves.region, waves.passes) == ("A", (4, 5))
    assert (gloss.low, gloss.high) == (70.0, None)


def test_checks_are_asked_after_their_passes_only_and_keep_their_numbers() -> None:
    recipe = parse_recipe(GOOD, "a.toml")
    assert [number for number, _ in recipe.checks_for(3)] == [0, 2]
    assert [number for number, _ in recipe.checks_for(4)] == [0, 1, 2]


def test_unnamed_knobs_take_the_measure_s_defaults() -> None:
    text = changed('"gloss_gu"\nlow = 70', '"gloss_worst_zone_gu"\nlow = 70')
    assert parse_recipe(text, "a.toml").checks[2].knobs == {"zone_mm": 20.0}


def test_colour_and_film_and_regions_may_be_absent() -> None:
    text = 'format = "paint-recipe/1"\nname = "x"\ntitle = { zh = "甲", en = "X" }\npasses = 0\nn_clear = 1.5\n'
    recipe = parse_recipe(text + '[[checks]]\nmeasure = "haze_pct"\nhigh = 5\n', "a.toml")
    assert recipe.target_lab is None
    assert recipe.regions == ()


@pytest.mark.parametrize(("low", "angle", "good"), [(88, 60, True), (90, 60, False), (82, 20, True), (83, 20, False)])
def test_the_gloss_ceiling_is_that_of_the_station_s_angle(low: float, angle: float, good: bool) -> None:
    """n = 1.5: 82.0 GU at 20 degrees, 89.1 at 60 (table in golden/fresnel_ceilings.csv)."""
    text = changed(GLOSSY, f"low = {low}")
    assert parse_recipe(text, "a.toml").checks[2].low == low
    if good:
        parse_recipe(text, "a.toml", angle_deg=angle)
    else:
        with pytest.raises(Refused, match=rf"a\.toml:36: checks\.2\.low: .*Fresnel ceiling of n = 1\.5 at {angle}"):
            parse_recipe(text, "a.toml", angle_deg=angle)


def test_the_hash_is_that_of_the_text_byte_for_byte() -> None:
    one = parse_recipe(GOOD, "a.toml")
    assert one.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert one.text == GOOD
    assert parse_recipe(GOOD, "other.toml") == one
    assert parse_recipe(GOOD + "# later\n", "a.toml").sha256 != one.sha256


def test_comments_and_order_of_keys_do_not_confuse_the_line() -> None:
    text = changed('[[checks]]\nmeasure = "gloss_gu"', '# low = 1\n[[checks]] # the last\n"measure" = "glos"')
    with pytest.raises(Refused, match=r"a\.toml:36: checks\.2\.measure"):
        parse_recipe(text, "a.toml")


LEARNED = f"""
[learned]
panels = 4
passes = [3, 5]
captured_from = "2026-11-22T09:30:00+08:00"
captured_to = "2026-11-22T10:30:00+08:00"
captures = ["{"a" * 64}"]
rig = "{"b" * 64}"
learned_at = "2026-11-22T11:30:00+08:00"
simulated = true
content = 0.99
confidence = 0.9
u_lab = [0.1, 0.2, 0.2]
"""


def test_a_recipe_may_say_what_it_was_learned_from() -> None:
    learned = parse_recipe(GOOD + LEARNED, "file.toml").learned
    assert learned is not None
    assert (learned.panels, learned.passes, learned.u_lab, learned.who) == (4, (3, 5), (0.1, 0.2, 0.2), None)
    assert parse_recipe(GOOD, "file.toml").learned is None


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("panels = 4", "panels = 0", "learned.panels"),
        ("panels = 4", "panels = 4\npanel = 4", "learned.panel"),
        ("T10:30:00+08:00", "T10:30:00", "learned.captured_to"),
        ("T10:30:00+08:00", "T30:30:00+08:00", "learned.captured_to"),
        ("b" * 64, "b" * 63, "learned.rig"),
        ("content = 0.99", "content = 1.0", "learned.content"),
        ("content = 0.99\n", "", "learned.content"),
    ],
)
def test_a_wrong_word_about_learning_is_refused_with_its_field(old: str, new: str, field: str) -> None:
    with pytest.raises(Refused, match=re.escape(field) + ": "):
        parse_recipe(GOOD + LEARNED.replace(old, new), "file.toml")
