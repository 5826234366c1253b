"""Whether the screen is as bright as it was at calibration."""

from __future__ import annotations

import math

import numpy as np

from inspection.fringes import Decoded
from inspection.gates.gate import Capture, answer, gate
from inspection.gates.series import thin
from inspection.maps.haze import INDEX_U
from inspection.maps.kinds import ReflectanceMap
from inspection.optics import fresnel, panel_mm, screen_solid_angle_sr
from inspection.report import Gate, GateState

#: Of the diffuse light, which is taken as Lambert's from a Lambertian screen, in the mean of the three colours.
DIFFUSE_U_RELATIVE = 0.10
#: More light than paint can send back, in standard uncertainties of what it can: a doubt, and red.
SURE_SIGMA = (3.0, 5.0)
#: Less light than a rough coat sends back: what is missing went past the camera, or was never there.
LEAST_PCT = (-25.0, -50.0)


@gate("bright", "dim", spoils=True)
def light(capture: Capture) -> Gate:
    """The panel sends back as much of the screen's light as it can, and not more.

    Light of the fringes over that on black glass, against Fresnel's share of the recipe's clearcoat plus the diffuse
    light that the measured reflectance throws from the screen. Too much has no cause in the paint: a doubt from three,
    red from five standard uncertainties (index 0.005, diffuse model 10 %, drift of the screen). Too little may be a
    rough surface, whose light goes past the camera: a doubt from −25 %, red from −50 %. A screen that dims by less
    looks like duller paint: only a tile or glass in the picture could tell. The same holds for the diffuse lamps.
    """
    decoded: Decoded | None = capture.bench.get_or_none(Decoded)
    paint: ReflectanceMap | None = capture.bench.get_or_none(ReflectanceMap)
    if decoded is None or paint is None:
        return answer("light", GateState.UNKNOWN, "Without fringe and diffuse frames the light is not known.")
    rig, where = capture.rig, thin(capture.frames.sensor.shape)
    offset, glass_offset, colours = decoded.offset[where], rig.offset[where], paint.linear_srgb[where]
    seen = decoded.valid[where] & np.isfinite(colours[..., 0]) & (glass_offset > 0)
    if not seen.any():
        return answer("light", GateState.UNKNOWN, "No pixel shows both the screen's and the lamps' light.")
    angle = math.radians(rig.geometry.camera.angle_deg)
    glass, n = float(fresnel(rig.glass_n, angle)), capture.recipe.n_clear
    mirrored, other = (float(fresnel(index, angle)) / glass for index in (n, n + INDEX_U))
    rows, cols = (np.linspace(0, size - 1, 5) for size in rig.sensor.shape)
    seen_sr = float(np.mean(screen_solid_angle_sr(rig.geometry, *panel_mm(rig.geometry, cols[None, :], rows[:, None]))))
    diffuse = float(np.mean(colours[seen])) * seen_sr / (math.pi * glass)
    ratio = float(np.mean(offset[seen] / glass_offset[seen]))
    possible = mirrored + diffuse
    u = math.hypot(other - mirrored, DIFFUSE_U_RELATIVE * diffuse, rig.terms.screen_drift_relative * ratio)
    pct, u_pct = 100 * (ratio / possible - 1), 100 * u / possible
    state, limit, fault = _state(pct, u_pct)
    text = f"The panel sends back {pct:+.1f} % more light than its clearcoat and colour can"
    text += "." if not fault else f", the limit is {limit:+.1f} %: check exposure times, screen and recipe."
    return answer("light", state, text, pct, "pct", limit, fault=fault)


def _state(pct: float, u_pct: float) -> tuple[GateState, float, str]:
    if not math.isfinite(pct):
        return GateState.UNKNOWN, SURE_SIGMA[0] * u_pct, ""
    for state, sigma, least in reversed([*zip((GateState.DOUBT, GateState.RED), SURE_SIGMA, LEAST_PCT, strict=True)]):
        if pct > sigma * u_pct:
            return state, sigma * u_pct, "bright"
        if pct < least:
            return state, least, "dim"
    return GateState.OK, SURE_SIGMA[0] * u_pct if pct >= 0 else LEAST_PCT[0], ""
