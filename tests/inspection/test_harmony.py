"""Harmony of two neighbouring panels, from reports made by hand and of the sample world."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from sample_captures import examined

from inspection.harmony import COLOUR, STEP_E00, STEP_GU, Compared, Harmony, Match, Side, Why, harmony, parse_side
from inspection.refused import Refused
from samples.paintwork import Panel
from samples.panels import Texture
from samples.stations import NAMED
from samples.truth import truth

B = NAMED["B"].sized(128)
BONNET = Panel(
    "BONNET", part="hood", lab=(28.0, 26.0, -34.0), alpha=0.0014, texture=Texture((0.0, 0.0, 0.02, 0.1, 0.3), 3)
)


def finding(measure: str, value: float | None, u: float | None = 0.1, **changes: Any) -> dict[str, Any]:
    return {
        "check_no": None, "region": "whole", "measure": measure, "version": 1, "knobs": {}, "value": value,
        "unit": "GU-eq", "u": u, "u_noise": u, "n_px": 999, "quality": [], "low": None, "high": None,
        "verdict": None, "budget": {},
    } | changes  # fmt: skip


def lab_of(light: float, a: float, b: float, u: float = 0.03) -> list[dict[str, Any]]:
    names = ("delta_l_lab", "delta_a_lab", "delta_b_lab")
    return [finding(name, v, u, unit="CIELAB") for name, v in zip(names, (light, a, b), strict=True)]


def side(panel: str, *findings: dict[str, Any], **changes: Any) -> Side:
    report = {
        "format": "paint-report/1", "panel": panel, "pass_number": 5, "captured_at": None,
        "recipe": {"name": "amethyst", "sha256": "c", "lab": [28.0, 26.0, -34.0]},
        "rig": {"sha256": "r", "angle_deg": 20.0}, "findings": list(findings),
    } | changes  # fmt: skip
    return parse_side(json.dumps(report), f"{panel}.json")


def of(found: Harmony, measure: str) -> Compared:
    return next(one for one in found.compared if one.measure == measure)


def of_world(panel: Panel) -> Side:
    report = examined(panel, B).report
    return parse_side(json.dumps(report.as_dict()), panel.code)


def test_two_panels_of_one_paint_match() -> None:
    """Painted and polished alike, each with orange peel of its own."""
    wing = replace(BONNET, code="WING", part="wing", texture=Texture((0.0, 0.0, 0.02, 0.1, 0.3), 8))
    found = harmony(of_world(BONNET), of_world(wing))
    for measure in (COLOUR, "gloss_gu", "clarity_pct"):
        assert of(found, measure).match is Match.ALIKE, of(found, measure)
    assert found.match in (Match.ALIKE, Match.HOLD)  # a small field holds few long waves
    assert found.steps is not None
    assert found.steps < 1


def test_a_wing_of_another_batch_is_seen_and_by_how_much() -> None:
    """Colour off by about two steps, gloss by one and a half; against the sample world's exact values."""
    wing = replace(BONNET, code="WING", lab=(29.5, 27.5, -35.0), alpha=0.0026)
    found = harmony(of_world(BONNET), of_world(wing))
    assert found.match is Match.DIFFERENT
    first, second = truth(BONNET, B), truth(wing, B)
    colour, gloss = of(found, COLOUR), of(found, "gloss_gu")
    assert colour.difference is not None
    assert colour.u is not None
    assert colour.steps == pytest.approx(colour.difference / STEP_E00)
    assert colour.difference == pytest.approx(second.delta_e00(tuple(first.mean_lab)), abs=2 * colour.u)
    assert colour.match is Match.DIFFERENT
    assert gloss.difference is not None
    assert gloss.u is not None
    assert gloss.difference == pytest.approx(second.gloss_gu.mean() - first.gloss_gu.mean(), abs=2 * gloss.u)
    assert gloss.in_u == pytest.approx(abs(gloss.difference) / gloss.u)


@pytest.mark.parametrize(
    ("gap", "u", "match"),
    [(1.0, 0.1, Match.ALIKE), (5.0, 0.1, Match.DIFFERENT), (2.9, 0.1, Match.HOLD), (1.0, 3.0, Match.HOLD),
     (3.1, 0.1, Match.HOLD)],
)  # fmt: skip
def test_a_difference_is_decided_only_where_its_uncertainty_leaves_no_doubt(gap: float, u: float, match: Match) -> None:
    """One step of gloss is 3 GU; guarded by 1.645 u of the difference."""
    found = of(
        harmony(side("A", finding("gloss_gu", 80.0, u)), side("B", finding("gloss_gu", 80 + gap, u))), "gloss_gu"
    )
    assert found.u == pytest.approx(u * math.sqrt(2))
    assert found.match is match
    assert found.why is (Why.CLOSE if match is Match.HOLD else None)
    assert found.steps == pytest.approx(gap / STEP_GU)


def test_what_one_rig_gives_to_both_panels_falls_out_of_the_difference() -> None:
    budget = {"reference": 0.4, "noise": 0.03}
    pair = [finding("gloss_gu", value, 0.401, budget=budget) for value in (80.0, 81.0)]
    same = of(harmony(side("A", pair[0]), side("B", pair[1])), "gloss_gu")
    assert same.u == pytest.approx(0.03 * math.sqrt(2))
    other_rig = {"sha256": "other", "angle_deg": 20.0}
    apart = of(harmony(side("A", pair[0]), side("B", pair[1], rig=other_rig)), "gloss_gu")
    assert apart.u == pytest.approx(0.401 * math.sqrt(2))


@pytest.mark.parametrize("rig", [{"sha256": "s", "angle_deg": 25.0}, {"sha256": "s"}])
def test_gloss_at_another_angle_is_no_comparison(rig: dict[str, Any]) -> None:
    """Colour is: its lamps stand at 45° wherever the camera is."""
    first = side("A", finding("gloss_gu", 80.0), *lab_of(0, 0, 0))
    found = harmony(first, side("B", finding("gloss_gu", 80.0), *lab_of(0, 0, 0), rig=rig))
    assert (of(found, "gloss_gu").match, of(found, "gloss_gu").why) == (Match.HOLD, Why.ANGLE)
    assert of(found, COLOUR).match is Match.ALIKE
    assert found.match is Match.HOLD


def test_what_one_panel_lacks_is_held() -> None:
    found = harmony(side("A", finding("gloss_gu", 80.0)), side("B", finding("gloss_gu", None, None)))
    assert (of(found, "gloss_gu").match, of(found, "gloss_gu").why) == (Match.HOLD, Why.MISSING)
    assert of(found, COLOUR).why is Why.MISSING
    assert found.match is Match.HOLD
    only_one = harmony(side("A", finding("gloss_gu", 80.0)), side("B"))
    assert of(only_one, "gloss_gu").why is Why.MISSING


def test_doubt_other_versions_and_unknown_targets_are_held() -> None:
    doubted = finding("gloss_gu", 80.0, quality=["NOT_WIPED"])
    assert of(harmony(side("A", doubted), side("B", finding("gloss_gu", 80.0))), "gloss_gu").why is Why.DOUBT
    newer = finding("gloss_gu", 80.0, version=2)
    assert of(harmony(side("A", newer), side("B", finding("gloss_gu", 80.0))), "gloss_gu").why is Why.VERSION
    untold = side("B", *lab_of(0, 0, 0), recipe={"name": "amethyst", "sha256": "c"})
    assert of(harmony(side("A", *lab_of(0, 0, 0)), untold), COLOUR).why is Why.TARGET


def test_a_red_gate_lets_nothing_be_proven() -> None:
    gate = {"id": "moved", "state": "red", "value": None, "unit": "", "limit": None, "sentence": "moved"}
    pair = [finding("gloss_gu", 80.0), finding("gloss_gu", 60.0)]
    assert harmony(side("A", pair[0]), side("B", pair[1])).match is Match.DIFFERENT
    assert harmony(side("A", pair[0]), side("B", pair[1], gates=[gate])).match is Match.HOLD


def test_haze_is_compared_in_uncertainties_only() -> None:
    pair = [finding("haze_pct", value, 0.2, unit="%") for value in (1.0, 3.0)]
    found = of(harmony(side("A", pair[0]), side("B", pair[1])), "haze_pct")
    assert (found.match, found.steps) == (Match.APART, None)
    assert found.in_u == pytest.approx(2 / (0.2 * math.sqrt(2)))


def test_colours_of_two_recipes_are_compared_as_they_are() -> None:
    """Each strays from its own target; what counts is where both end."""
    other = {"name": "violet", "sha256": "d", "lab": [30.0, 26.0, -34.0]}
    found = of(harmony(side("A", *lab_of(2.0, 0, 0)), side("B", *lab_of(0, 0, 0), recipe=other)), COLOUR)
    assert found.difference == pytest.approx(0.0, abs=1e-9)
    assert found.u is not None
    assert found.u > 0
    assert found.match is Match.ALIKE


def test_a_panel_is_no_neighbour_of_itself() -> None:
    with pytest.raises(Refused, match="two panels"):
        harmony(side("A"), side("A"))


@pytest.mark.parametrize(("text", "field"), [("{", "JSON"), ('{"format": "paint-report/9"}', "format"), ("[]", "JSON")])
def test_what_is_no_report_is_refused_with_its_field(text: str, field: str) -> None:
    with pytest.raises(Refused, match=f"^x.json: {field}"):
        parse_side(text, "x.json")
