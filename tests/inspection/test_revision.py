"""What changed between two versions of a recipe."""

from __future__ import annotations

import pytest

from inspection.recipe import parse_recipe
from inspection.revision import Change, changes

TEXT = """format = "paint-recipe/1"
name = "amethyst"
title = { zh = "紫水晶", en = "Amethyst" }
passes = 2
n_clear = 1.5
[colour]
lab = [28.0, 26.0, -34.0]
[[regions]]
name = "A"
polygon_mm = [[1, 1], [9, 1], [9, 9]]
[[checks]]
measure = "delta_e00"
high = 0.8
[[checks]]
measure = "clarity_pct"
period_mm = 12.0
low = 75.0
passes = [1, 2]
"""
CLARITY = {"period_mm": 12.0}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("high = 0.8", "high = 0.6",
         [Change("check", [(None, 0.8)], [(None, 0.6)], "delta_e00", {}, "whole", (0, 1, 2))]),
        ("passes = [1, 2]", "passes = [2]",
         [Change("check", [(75.0, None)], None, "clarity_pct", CLARITY, "whole", (1,))]),
        ("low = 75.0\npasses = [1, 2]", 'low = 75.0\npasses = [1, 2]\nregion = "A"',
         [Change("check", [(75.0, None)], None, "clarity_pct", CLARITY, "whole", (1, 2)),
          Change("check", None, [(75.0, None)], "clarity_pct", CLARITY, "A", (1, 2))]),
        ("[28.0, 26.0, -34.0]", "[28.0, 26.5, -34.0]",
         [Change("target_lab", (28.0, 26.0, -34.0), (28.0, 26.5, -34.0))]),
        ("n_clear = 1.5\n", "n_clear = 1.52\n[film]\nremovable_um = 12.0\n",
         [Change("n_clear", 1.5, 1.52), Change("removable_um", None, 12.0)]),
        ("[9, 9]]", "[9, 8]]",
         [Change("region", ((1.0, 1.0), (9.0, 1.0), (9.0, 9.0)), ((1.0, 1.0), (9.0, 1.0), (9.0, 8.0)), region="A")]),
        ('"Amethyst"', '"Violet"',
         [Change("title", {"zh": "紫水晶", "en": "Amethyst"}, {"zh": "紫水晶", "en": "Violet"})]),
    ],
)  # fmt: skip
def test_each_change_is_told_from_and_to(old: str, new: str, expected: list[Change]) -> None:
    assert TEXT.count(old) == 1
    assert list(changes(parse_recipe(TEXT, "old"), parse_recipe(TEXT.replace(old, new), "new"))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "# a note\n" + TEXT,
        TEXT.replace("passes = [1, 2]", 'passes = [1]\n[[checks]]\nmeasure = "clarity_pct"\nlow = 75.0\npasses = [2]'),
        TEXT.replace("high = 0.8", "high = 0.8\npasses = [0, 1, 2]"),
    ],
)
def test_what_means_the_same_is_no_change(text: str) -> None:
    assert changes(parse_recipe(TEXT, "old"), parse_recipe(text, "new")) == ()
