"""A part that is larger than the field: its views joined to one report, against what the simulated part has."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from parts_of_views import (
    NIBS,
    PLAN,
    PLAN_TEXT,
    RECIPE_TEXT,
    STATION,
    capture,
    measured,
    part,
    recipe,
    rig,
    sill,
)

from inspection.joining import Part
from inspection.joining.values import joined_findings
from inspection.passes.earlier import Earlier, parse_earlier
from inspection.pipeline import inspect
from inspection.plan import PLACED_U_MM, Plan, parse_plan, shares, unseen_mm2
from inspection.recipe import parse_recipe
from inspection.refused import Refused
from inspection.report import Action, Defect, Finding, Fit, GateState, Report, Status
from inspection.verdict import Verdict
from samples.paintwork import Patch, Pose
from samples.surface import Mark

#: How a person lays a part: a millimetre off, a fraction of a degree turned.
SLIPS = (Pose(0.8, -0.6, 0.2), Pose(-0.7, 0.5, -0.2))


@pytest.fixture(scope="module")
def first() -> Part:
    """The part after its first pass, both views a little off."""
    return measured(sill(), slips=SLIPS)


@pytest.fixture(scope="module")
def report(first: Part) -> Report:
    return first.joined()


def near(mark: Defect, place: tuple[float, float]) -> bool:
    return math.hypot(mark.x_mm - place[0], mark.y_mm - place[1]) <= 2.5 * (mark.u_place_mm or 0)


def question(one: Report, measure: str) -> Finding:
    return next(f for f in one.findings if f.measure == measure)


def test_every_nib_is_told_once_where_it_lies_on_the_part(report: Report) -> None:
    nibs = [mark for mark in report.defects if mark.kind == "nib"]
    assert len(nibs) == len(NIBS)
    for place in NIBS:
        assert sum(near(mark, place) for mark in nibs) == 1
    assert all((mark.u_place_mm or 0) >= PLACED_U_MM for mark in nibs)
    assert len({mark.id for mark in report.defects}) == len(report.defects)
    count = question(report, "defect_count")
    assert (count.value, count.verdict) == (3.0, Verdict.PASS)


def test_both_views_call_what_both_saw_by_the_same_number(report: Report) -> None:
    middle = next(mark for mark in report.defects if near(mark, NIBS[1]))
    for view in report.views:
        assert middle.id in {mark.id for mark in view.defects}


def test_a_good_part_passes_and_is_told_with_its_views(report: Report) -> None:
    assert (report.verdict, report.view) == (Verdict.PASS, None)
    assert [(view.view, view.verdict) for view in report.views] == [
        ("left", Verdict.PASS), ("right", Verdict.PASS),
    ]  # fmt: skip
    assert next(gate for gate in report.gates if gate.id == "coverage").state is GateState.OK


def test_a_bad_view_fails_the_part(first: Part) -> None:
    """Five nibs more in the right view alone."""
    more = NIBS + tuple((108.0 + 12 * i, 20.0) for i in range(5))
    one = part()
    one.add(first.frames[0])
    one.add(capture(sill(nibs=more), "right", seed=9))
    joined = one.joined()
    assert joined.verdict is Verdict.FAIL
    assert question(joined, "defect_count").value == 8.0


def test_marks_keep_their_numbers_and_what_is_gone_is_said(report: Report) -> None:
    fresh = (*NIBS[:2], (120.0, 15.0))
    second = measured(sill(2, fresh), seed=5, slips=SLIPS[::-1], earlier=Earlier.of(report)).joined()
    assert second.registration is not None
    assert second.registration.fit is Fit.ALIGNED
    before = {mark.id: mark for mark in report.defects}
    kept = [mark for mark in second.defects if mark.id in before]
    assert len(kept) == 2
    assert all(near(replace(before[mark.id], u_place_mm=2.0), (mark.x_mm, mark.y_mm)) for mark in kept)
    [new] = [mark for mark in second.defects if mark.id not in before]
    assert (new.status, near(new, fresh[2])) == (Status.NEW, True)
    assert int(new.id[1:]) >= report.next_id
    [gone] = second.removed
    assert (gone.status, near(gone, NIBS[2])) == (Status.REMOVED, True)


def test_the_file_alone_is_enough_for_the_next_pass(report: Report) -> None:
    text = json.dumps(report.as_dict(), allow_nan=False)
    assert parse_earlier(text, "sill.json") == Earlier.of(report)
    twice = json.loads(text)
    twice["views"][1]["defects"] += twice["views"][1]["defects"][:1]
    with pytest.raises(Refused, match=r"sill.json: views.1: defects.\d+.id: .* is there twice"):
        parse_earlier(json.dumps(twice), "sill.json")


def test_the_report_of_a_whole_panel_says_nothing_of_views(first: Part) -> None:
    whole = inspect(
        replace(first.frames[0], view=None), rig(), recipe(), now=first.frames[0].captured_at or "", software="t"
    )
    assert "views" not in whole.as_dict()


def test_what_no_view_sees_holds_the_part_and_is_said(first: Part) -> None:
    wide = parse_plan(PLAN_TEXT.replace("168", "190"), "wide.toml")
    unseen = unseen_mm2(wide, (), rig().geometry, STATION.shape)
    assert unseen == pytest.approx((190 - 170) * 68, rel=0.1)
    one = part(wide)
    for frames in first.frames:
        one.add(frames)
    joined = one.joined()
    gate = next(gate for gate in joined.gates if gate.id == "coverage")
    assert (joined.verdict, gate.state, gate.fault) == (Verdict.HOLD, GateState.RED, "unseen")
    assert joined.next_step.action is Action.WIPE_AND_MEASURE_AGAIN
    assert gate.value == pytest.approx(unseen / (188 * 68))
    assert "of the part lies in no view" in joined.next_step.reasons[0].text
    assert np.isnan(one.maps["gloss_gu"][:, -40:]).all()


def test_a_region_beyond_every_view_holds_too(first: Part) -> None:
    beyond = RECIPE_TEXT.replace(
        "[[checks]]", '[[regions]]\nname = "edge"\npolygon_mm = [[175,5],[185,5],[185,20]]\n\n[[checks]]', 1
    )
    text = f'{beyond}\n[[checks]]\nmeasure = "gloss_gu"\nregion = "edge"\nlow = 60.0\n'
    one = part(asked=parse_recipe(text, "edge.toml"))
    for frames in first.frames:
        one.add(frames)
    joined = one.joined()
    edge = next(finding for finding in joined.findings if finding.region == "edge" and finding.check_no is not None)
    assert (edge.value, edge.verdict, joined.verdict) == (None, Verdict.HOLD, Verdict.HOLD)


def test_every_place_belongs_to_one_view() -> None:
    """The areas that two views answer for add up to the part."""
    pixel_mm2 = 0.4**2
    own = [share.own.n_px for share in shares(PLAN, rig().geometry, STATION.shape) if share.own is not None]
    assert sum(own) * pixel_mm2 == pytest.approx(166 * 68, rel=0.01)
    assert own[0] == pytest.approx(own[1], rel=0.02)


def test_maps_lie_on_the_part_without_a_seam(first: Part) -> None:
    gloss = first.maps["gloss_gu"]
    assert np.isfinite(gloss).all()
    middle = gloss.shape[1] // 2
    step = np.nanmean(gloss[:, middle + 1 : middle + 6]) - np.nanmean(gloss[:, middle - 6 : middle - 1])
    assert abs(step) < 0.5
    to_panel = np.array(first.pixel_to_panel_mm)
    height = first.maps["height_um"]
    for place in NIBS:
        column, row, _ = np.linalg.inv(to_panel) @ (*place, 1.0)
        piece = height[round(row) - 7 : round(row) + 8, round(column) - 7 : round(column) + 8]
        top, left = np.unravel_index(int(np.argmax(piece)), piece.shape)
        assert math.hypot(top - 7, left - 7) * 0.4 < 2.5


def test_zones_of_gloss_lie_on_the_part_and_agree_with_the_measure(report: Report) -> None:
    zones = report.gloss_zones
    assert zones is not None
    x, y = zip(*((zone.x_mm, zone.y_mm) for zone in zones.zones), strict=True)
    assert 2 <= min(x) < 30 < 140 < max(x) <= 168
    assert (min(y) >= 2, max(y) <= 70) == (True, True)
    assert zones.worst is not None
    assert zones.worst.gu == pytest.approx(question(report, "gloss_worst_zone_gu").value or 0, abs=1e-3)


def test_a_view_that_lies_turned_is_turned_back() -> None:
    turned = parse_plan(PLAN_TEXT.replace("x_mm = 74\ny_mm = 0", "x_mm = 72\ny_mm = 14\nrotation_deg = 9"), "t.toml")
    one = part(turned)
    panel = sill()
    for number, name in enumerate(("left", "right")):
        one.add(capture(panel, name, seed=20 + number, plan=turned))
    nibs = [mark for mark in one.joined().defects if mark.kind == "nib"]
    assert len(nibs) == len(NIBS)
    for place in NIBS:
        assert sum(math.hypot(mark.x_mm - place[0], mark.y_mm - place[1]) < 0.3 for mark in nibs) == 1


def finding(measure: str, value: float | None, *, high: float | None = None, **budget: float) -> Finding:
    u = math.hypot(*budget.values())
    verdict = Verdict.HOLD if high is not None else None
    number = 0 if high is not None else None
    return Finding(number, "whole", measure, 1, {}, value, "", u, 0.0, 100, (), None, high, verdict, budget, 0.5)


def test_a_mean_is_weighted_by_area_and_what_the_views_share_does_not_average_out() -> None:
    seen = [
        ((finding("gloss_gu", 80.0, noise=0.3, reference=0.4),), {"whole": 300}),
        ((finding("gloss_gu", 60.0, noise=0.3, reference=0.4),), {"whole": 100}),
    ]
    [joined] = joined_findings(seen, (), {}, recipe())
    assert joined.value == pytest.approx(75.0)
    assert joined.budget["noise"] == pytest.approx(0.3 * math.hypot(0.75, 0.25))
    assert joined.budget["reference"] == pytest.approx(0.4)
    assert joined.u == pytest.approx(math.hypot(*joined.budget.values()))


def test_waves_join_by_their_squares_and_a_view_that_was_not_measured_leaves_nothing() -> None:
    seen = [((finding("waviness_rms_um", v, noise=0.1),), {"whole": 100}) for v in (3.0, 4.0)]
    [joined] = joined_findings(seen, (), {}, recipe())
    assert joined.value == pytest.approx(math.sqrt(12.5))
    assert joined.u == pytest.approx(0.1 * math.hypot(3, 4) / 2 / math.sqrt(12.5))
    blind = [
        seen[0],
        ((replace(seen[1][0][0], value=None, quality=("NO_SIGNAL",), high=5.0, verdict=Verdict.HOLD),), {"whole": 100}),
    ]
    blind[0] = ((replace(seen[0][0][0], high=5.0, verdict=Verdict.PASS),), {"whole": 100})
    [joined] = joined_findings(blind, (), {}, recipe())
    assert (joined.value, joined.verdict, joined.quality) == (None, Verdict.HOLD, ("NO_SIGNAL",))


def test_what_no_mean_tells_is_that_of_the_worst_view() -> None:
    views = [((finding("gloss_cv_pct", v),), {"whole": 100}) for v in (1.0, 4.0)]
    assert joined_findings(views, (), {}, recipe())[0].value == 4.0
    views = [((finding("gloss_worst_zone_gu", v),), {"whole": 100}) for v in (70.0, 80.0)]
    assert joined_findings(views, (), {}, recipe())[0].value == 70.0
    failed = replace(finding("gloss_cv_pct", 3.0, high=2.0), verdict=Verdict.FAIL)
    held = finding("gloss_cv_pct", 9.0, high=2.0)
    assert joined_findings([((one,), {"whole": 100}) for one in (held, failed)], (), {}, recipe())[0] == failed


def test_views_come_in_the_order_of_the_plan_and_of_one_panel(first: Part) -> None:
    one = part()
    left, right = first.frames
    with pytest.raises(Refused, match="view: expected 'left', the plan's next view, got 'right'"):
        one.add(right)
    one.add(left)
    with pytest.raises(Refused, match="view 'right' is missing"):
        one.joined()
    with pytest.raises(Refused, match="panel: expected 'SILL-1' as of the view before, got 'SILL-2'"):
        one.add(replace(right, panel="SILL-2"))
    with pytest.raises(Refused, match="the plan has view 'right' elsewhere on the part"):
        one.add(replace(right, view_to_panel_mm=((1, 0, 80), (0, 1, 0), (0, 0, 1))))
    one.add(right)
    with pytest.raises(Refused, match="all 2 views of the plan are there already"):
        one.add(right)
    assert one.joined().verdict is Verdict.PASS


BAD_PLANS = {
    "unknown key": ("x_mm = 74", "x_mm = 74\nz_mm = 3", "views.1.z_mm: unknown key"),
    "two of one name": ('name = "right"', 'name = "left"', "sill.toml:13: views.1.name: 'left' is taken"),
    "the name of the whole": ('name = "right"', 'name = "whole"', "views.1.name: 'whole' is taken"),
    "no area": ("[168, 2], [168, 70], [2, 70]", "[168, 2], [90, 2]", "outline_mm: the corners enclose no area"),
    "another format": ("paint-plan/1", "paint-plan/2", "format: "),
}


@pytest.mark.parametrize("name", BAD_PLANS)
def test_a_plan_that_is_wrong_is_refused_with_its_line(name: str) -> None:
    old, new, said = BAD_PLANS[name]
    with pytest.raises(Refused) as refusal:
        parse_plan(PLAN_TEXT.replace(old, new), "sill.toml")
    assert said in str(refusal.value)


def test_a_plan_says_what_was_written() -> None:
    plan: Plan = parse_plan(PLAN_TEXT, "sill.toml")
    assert [view.name for view in plan.views] == ["left", "right"]
    assert plan.views[1].title == {"zh": "右", "en": "right"}
    assert plan.box_mm == (2, 2, 168, 70)


def test_a_scratch_across_the_border_of_two_views_is_one_with_its_whole_length() -> None:
    """60 mm, of which either view has about 42 and both have 22."""
    angle_deg = 12.0
    long = Mark("scratch", 0.0, 2.0, 60.0, 0.3, -2.5, angle_deg=angle_deg, groove=True, scatters=0.6, identity="across")
    bare = sill(nibs=())
    report = measured(replace(bare, marks=(long,)), slips=SLIPS).joined()
    (scratch,) = [mark for mark in report.defects if mark.kind == "scratch"]
    assert scratch.u_length_mm is not None
    assert abs(scratch.length_mm - 60.0) < 2 * scratch.u_length_mm
    # Two soft ends, a twentieth of the length, and where two views lie: not that of an end nobody has seen, 9 mm.
    assert scratch.u_length_mm < 1.2 * math.hypot(0.05 * 60.0, math.sqrt(2) * PLACED_U_MM)
    assert near(scratch, (85.0, 38.0))
    assert scratch.angle_deg == pytest.approx(angle_deg, abs=math.degrees(2 * PLACED_U_MM / 60.0) + 0.5)


def test_a_patch_across_the_border_of_two_views_is_one_with_its_whole_area() -> None:
    """A disk of 50 mm, of which either view has less than all."""
    dull = Patch("gloss_patch", 0.0, 0.0, 50.0, 3.0, alpha=0.02, identity="dull")
    report = measured(replace(sill(nibs=()), patches=(dull,)), slips=SLIPS).joined()
    (patch,) = report.defects
    assert patch.area_mm2 == pytest.approx(math.pi / 4 * 50.0**2, rel=0.1)
    assert patch.length_mm == pytest.approx(50.0, abs=4.0)
