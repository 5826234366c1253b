"""Probability of detection: the fit, and the command from rig to table."""

import json
from pathlib import Path

import numpy as np
import pytest

from calibration import calibrate
from calibration.rig_file import pack
from samples.graded import SIZES_MM
from samples.rebuilt import coarser, station_like
from samples.scene import render_reference
from samples.stations import NAMED
from station.__main__ import main
from station.commands.pod import KINDS
from station.pod import Trial, fitted

SIZES = (0.1, 10.0)


def trials(a50_mm: float, a90_mm: float, n: int, seed: int) -> list[Trial]:
    rng = np.random.default_rng(seed)
    sizes = np.geomspace(*SIZES, n)
    logit = np.log(9) * np.log(sizes / a50_mm) / np.log(a90_mm / a50_mm)
    return [Trial(float(s), bool(rng.random() < 1 / (1 + np.exp(-g)))) for s, g in zip(sizes, logit, strict=True)]


def test_interval_holds_the_true_limit_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(60):
        one = fitted(trials(1.0, 1.5, 40, seed), SIZES)
        assert one.low_mm is not None
        assert one.high_mm is not None
        inside += one.low_mm <= 1.5 <= one.high_mm
    # 57 of 60 expected; three standard deviations of a binomial are 5.
    assert inside >= 52


def test_every_kind_that_can_be_asked_for_can_be_simulated() -> None:
    assert set(KINDS) == set(SIZES_MM)


def test_marks_that_part_cleanly_by_size_still_have_a_limit() -> None:
    one = fitted([Trial(float(s), bool(s > 1)) for s in np.geomspace(*SIZES, 40)], SIZES)
    assert one.a90_mm == pytest.approx(1.1, rel=0.25)


@pytest.mark.parametrize(("all_found", "which"), [(True, "below"), (False, "above")])
def test_outside_the_sizes_that_were_tried_there_is_no_number(all_found: bool, which: str) -> None:
    one = fitted([Trial(float(s), all_found) for s in np.geomspace(*SIZES, 40)], SIZES)
    assert one.a90_mm is None
    assert getattr(one, which)


@pytest.mark.parametrize("name", ["A", "B", "poor"])
def test_a_station_is_rebuilt_from_its_rig(name: str) -> None:
    station = NAMED[name].sized(64)
    rig = calibrate([render_reference(station, seed=1)])
    twin = station_like(rig)
    again = calibrate([render_reference(twin, seed=2)])
    assert again.noise.per_signal == pytest.approx(rig.noise.per_signal, rel=0.15)
    for key, modulation in rig.modulation.items():
        # The screen's gamma error and its emission towards the side are not in the rig.
        assert np.nanmedian(again.modulation[key]) / again.offset.mean() == pytest.approx(
            np.nanmedian(modulation) / rig.offset.mean(), rel=0.1
        )


def test_larger_pixels_are_as_much_quieter_as_their_light_says() -> None:
    station = coarser(NAMED["C"], 0.4)
    assert station.mm_per_px == pytest.approx(0.4)
    assert station.electrons_full_scale == 4 * NAMED["C"].electrons_full_scale


def written(tmp_path: Path) -> tuple[Path, Path]:
    rig, recipe = tmp_path / "rig", tmp_path / "no-colour.toml"
    rig.write_bytes(pack(calibrate([render_reference(NAMED["B"].sized(160), seed=1)])))
    recipe.write_text(
        'format = "paint-recipe/1"\nname = "plain"\ntitle = { zh = "素", en = "Plain" }\npasses = 5\nn_clear = 1.5\n'
        '[[checks]]\nmeasure = "gloss_gu"\nlow = 5.0\n'
    )
    return rig, recipe


def test_pod_prints_a_simulated_limit_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rig, _ = written(tmp_path)
    out = tmp_path / "pod.json"
    assert main(["pod", "--rig", str(rig), "--recipe", "graphite", "--kind", "nib", "--json", str(out)]) == 0
    text = capsys.readouterr().out
    assert "SIMULATED" in text
    document = json.loads(out.read_text())
    assert document["simulated"] is True
    nib = document["kinds"]["nib"]
    assert nib["low_mm"] <= nib["a90_mm"] <= nib["high_mm"]
    # Below a third of a pixel nothing is left of a nib's slope; at two pixels it is plain.
    assert 0.12 < nib["a90_mm"] < 0.8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--recipe", "graphite", "--kind", "rust"], "rust"), (["--recipe", "no-colour.toml"], "colour")],
)
def test_what_cannot_be_simulated_is_refused(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig, _ = written(tmp_path)
    monkeypatch.chdir(tmp_path)
    try:
        code = main(["pod", "--rig", str(rig), *arguments])
    except SystemExit as end:
        code = end.code  # type: ignore[assignment]
    assert code == 2
    assert words in capsys.readouterr().err
