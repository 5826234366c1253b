"""The certificate says what a calibration measured, with what uncertainty, from which frames."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np

from calibration import calibrate
from calibration.certificate import NAMES, certificate
from calibration.rig_file import pack, unpack
from calibration.targets.classic24 import LINEAR_SRGB
from inspection.frames import Frames, Role
from inspection.rig import Rig
from samples.charts import Scene, render_colour_set
from samples.glass import render_glass
from samples.stations import NAMED

B = NAMED["B"].sized(128)
AT = "2026-11-22T09:30:00+08:00"


@cache
def sets() -> tuple[Frames, Frames]:
    glass = replace(render_glass(B, seed=1), operator="Li Wei")
    return glass, render_colour_set(B, LINEAR_SRGB, Scene(covered=(4,)), seed=1, captured_at=AT)


@cache
def rig() -> Rig:
    return calibrate(sets())


def test_a_certificate_holds_who_when_and_until() -> None:
    made = certificate(rig().header(), rig().sha256)
    assert (made["format"], made["rig"], made["station"]) == ("paint-certificate/1", rig().sha256, "B")
    assert (made["operator"], made["simulated"]) == ("Li Wei", True)
    assert (made["calibrated_at"], made["expires_at"]) == (AT, "2026-11-23T09:30:00+08:00")


def test_every_value_is_named_and_says_whether_it_was_measured() -> None:
    values = {one["name"]: one for one in certificate(rig().header(), rig().sha256)["values"]}
    assert set(values) <= set(NAMES)
    assert list(values) == sorted(values, key=NAMES.index)
    glass = values["black_glass_index"]
    assert (glass["value"], glass["u"], glass["measured"]) == (1.567, 0.0005, False)
    chart = values["colour_chart_mean_e00"]
    assert chart["measured"]
    assert 0 < chart["value"] < chart["limit"]
    # What the chart gave stands in the place of what the settings assume.
    assert values["colour_matrix_entry_u_pct"]["measured"]
    assert values["colour_chart_patches_used_count"]["value"] == 23


def test_the_chart_s_residuals_and_what_was_left_out_are_in_it() -> None:
    chart = certificate(rig().header(), rig().sha256)["colour_chart"]
    assert chart["left_out"] == ("blue flower",)
    assert [n for n, residual in enumerate(chart["residuals_e00"]) if residual is None] == [4]


def test_another_pixel_is_another_hash() -> None:
    frames = certificate(rig().header(), rig().sha256)["frames"]
    assert len(frames) == sum(len(one.frames) for one in sets())
    glass, colour = sets()
    white = glass.with_role(Role.WHITE)[0]
    touched = white.pixels.copy()
    touched[3, 5] += np.uint16(16)
    moved = tuple(replace(f, pixels=touched) if f is white else f for f in glass.frames)
    other = certificate(calibrate([replace(glass, frames=moved), colour]).header(), "")["frames"]
    changed = [one["file"] for one, two in zip(frames, other, strict=True) if one != two]
    assert changed == [white.file]


def test_a_rig_file_gives_the_same_certificate() -> None:
    again = unpack(pack(rig()), "rig")
    text = json.dumps(certificate(rig().header(), rig().sha256), allow_nan=False)
    assert json.dumps(certificate(again.header(), again.sha256), allow_nan=False) == text
