"""Random panels and stories: every kind, apart from each other, visible, with names that last."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from samples.drawn import HEAVY_PEEL, KINDS, SHOW_PEEL, drawn_panel, is_free, peel
from samples.marks import marks_of, seen_marks
from samples.paintwork import Panel, Pose
from samples.scene import truth
from samples.stations import NAMED as STATIONS
from samples.story import REPLACED_DEG, REPLACED_MM, drawn_story
from samples.surface import Form, Mark, Texture, texture_relief

STATION = STATIONS["B"].sized(256)


def alone(panel: Panel, name: str) -> Panel:
    """The panel without the mark of this name."""
    return replace(
        panel,
        marks=tuple(m for m in panel.marks if m.identity != name),
        patches=tuple(p for p in panel.patches if p.identity != name),
        scuffs=tuple(s for s in panel.scuffs if s.identity != name),
    )


def test_same_seed_same_panel() -> None:
    assert drawn_panel(3, STATION) == drawn_panel(3, STATION) != drawn_panel(4, STATION)


def test_drawn_panels_hold_every_kind_apart_and_visible() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(4):
        panel = drawn_panel(seed, STATION, count=9)
        for mark in (*panel.marks, *panel.patches, *panel.scuffs):
            assert is_free(alone(panel, mark.identity), mark)
        for mark_truth, seen in seen_marks(panel, STATION):
            assert seen.noise_snr >= 30
            assert seen.snr >= 15
            kinds[mark_truth.kind] += 1
    assert set(kinds) == set(KINDS)


def test_clean_panels_carry_nothing() -> None:
    panel = drawn_panel(1, STATION, count=0, peel_level=1.0)
    assert not seen_marks(panel, STATION)
    assert panel.texture.rms_um == pytest.approx(HEAVY_PEEL)
    assert peel(0.0, 1).rms_um == pytest.approx(SHOW_PEEL)


@pytest.mark.parametrize("form", [Form(), Form(1500.0)])
def test_a_mark_lies_where_its_truth_says_after_the_pose(form: Form) -> None:
    nib = Mark("nib", 22.0, -17.0, 2.0, 2.0, 8.0, identity="n")
    panel = Panel("p", marks=(nib,), pose=Pose(1.7, -2.2, 0.8), form=form)
    [where] = marks_of(panel, STATION)
    row, col = np.unravel_index(int(np.argmax(truth(panel, STATION).height_um)), STATION.shape)
    assert where.x_mm == pytest.approx((col + 0.5) * STATION.mm_per_px, abs=STATION.mm_per_px)
    assert where.y_mm == pytest.approx((row + 0.5) * STATION.mm_per_px, abs=STATION.mm_per_px)


def test_a_crater_counts_over_its_rim() -> None:
    plain, walled = (Mark("crater", 0, 0, 2.0, 2.0, -10.0, rim_um=rim) for rim in (0.0, 3.0))
    sizes = [marks_of(Panel("p", marks=(m,)), STATION)[0].length_mm for m in (plain, walled)]
    assert sizes[0] == 2.0
    assert 2.7 < sizes[1] < 5.0  # the wall's crest is at 1.4 times the hollow's radius


@pytest.mark.parametrize("seed", [1, 2])
def test_identities_last_and_are_never_given_twice(seed: int) -> None:
    story = drawn_story(seed, STATION)
    assert [p.pass_number for p in story] == [1, 2, 3, 4, 5]
    kinds: dict[str, str] = {}
    gone: set[str] = set()
    before: set[str] = set()
    for panel in story:
        names = {m.identity: m.kind for m in marks_of(panel, STATION)}
        assert len(names) == len(panel.marks) + len(panel.patches) + len(panel.scuffs)
        assert not gone & set(names)
        for name, kind in names.items():
            assert kinds.setdefault(name, kind) == kind
        gone |= before - set(names)
        before = set(names)
    assert gone
    assert any(name.startswith(("p2", "p3", "p4", "p5")) for name in kinds)


def test_the_panel_is_put_back_within_three_millimetres_and_one_degree() -> None:
    for panel in drawn_story(3, STATION)[1:]:
        assert abs(panel.pose.dx_mm) <= REPLACED_MM
        assert abs(panel.pose.dy_mm) <= REPLACED_MM
        assert 0 < abs(panel.pose.rotation_deg) <= REPLACED_DEG


@pytest.mark.parametrize(("sanded", "low", "high"), [(False, 0.75, 1.0), (True, -0.35, 0.35)])
def test_sanding_destroys_the_correlation_of_the_waves_and_polishing_keeps_it(
    sanded: bool, low: float, high: float
) -> None:
    first, second, *_ = drawn_story(5, STATION, sanded=sanded)
    x, y = np.meshgrid(np.linspace(-40, 40, 400), np.linspace(-40, 40, 400))
    short = (1, 2)
    a, b = (texture_relief(p.texture, x, y, short).height_mm for p in (first, second))
    assert low < np.corrcoef(a.ravel(), b.ravel())[0, 1] < high


def test_added_waves_come_on_top() -> None:
    x, y = np.meshgrid(np.linspace(0, 9, 40), np.linspace(0, 9, 40))
    one, two = Texture((0, 0, 0.1, 0, 0), 1), Texture((0, 0, 0.2, 0, 0), 2)
    both = texture_relief(replace(one, added=two), x, y).slope_x
    np.testing.assert_allclose(both, texture_relief(one, x, y).slope_x + texture_relief(two, x, y).slope_x)
