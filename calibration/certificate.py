"""The certificate of a calibration: everything a rig knows about itself, for the person who signs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from inspection.rig import Measured

FORMAT: Final = "paint-certificate/1"

#: What may stand in a certificate, in this order; the last part of a name is its unit.
NAMES: Final = (
    "black_glass_index", "black_glass_worst_place_pct", "tile_reflectance_u_pct", "screen_drift_u_pct",
    "lamp_drift_u_pct", "pixel_noise_dark_pct", "camera_distance_mm", "camera_angle_deg", "camera_focal_length_px",
    "screen_distance_mm", "screen_angle_deg", "screen_turn_x_deg", "screen_turn_y_deg", "screen_turn_z_deg",
    "screen_residual_rms_mm", "screen_gamma_ratio", "screen_black_ratio", "screen_curve_residual_rms_pct",
    "fringe_ripple_mrad", "fringe_ripple_left_mrad",
    "camera_full_scale_e", "camera_gain_dn_per_e", "camera_read_noise_e", "camera_noise_over_stated_ratio",
    "camera_linearity_error_pct", "plate_corner_count",
    "reprojection_rms_px", "lens_bends_at_most_mm",
    "colour_chart_mean_e00", "colour_chart_largest_e00", "colour_chart_patches_used_count",
    "colour_chart_light_tilt_pct", "colour_matrix_entry_u_pct",
)  # fmt: skip


def certificate(header: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    """Assemble the certificate from a rig's header.

    Parameters
    ----------
    header : mapping
        As `Rig.header` gives it and the store keeps it.
    sha256 : str
        Of the rig.

    Returns
    -------
    dict
        Plain JSON values: station, operator, times, every value with its standard uncertainty (k = 1) and its limit,
        residuals of the colour chart, and the frames it rests on with the hash of their pixels. What was measured
        replaces what was declared; `measured` says which it is.
    """
    return {
        "format": FORMAT,
        "rig": sha256,
        "station": header["station"],
        "operator": header.get("operator"),
        "simulated": header["simulated"],
        "calibrated_at": header["calibrated_at"],
        "expires_at": header["expires_at"],
        "values": _values(header),
        "colour_chart": header.get("colour"),
        "frames": header.get("taken", []),
    }


def _values(header: Mapping[str, Any]) -> list[dict[str, Any]]:
    terms, geometry = header["terms"], header["geometry"]
    stated = [
        Measured("black_glass_index", header["glass_n"], terms["glass_index"]),
        Measured("tile_reflectance_u_pct", 100 * terms["tile_reflectance_relative"]),
        Measured("screen_drift_u_pct", 100 * terms["screen_drift_relative"]),
        Measured("lamp_drift_u_pct", 100 * terms["lamp_drift_relative"]),
        Measured("pixel_noise_dark_pct", 100 * float(header["noise"]["constant"]) ** 0.5),
        Measured("camera_distance_mm", geometry["camera"]["distance_mm"]),
        Measured("camera_angle_deg", geometry["camera"]["angle_deg"]),
        Measured("screen_distance_mm", geometry["screen"]["distance_mm"], terms["screen_distance_mm"]),
        Measured("screen_angle_deg", geometry["screen"]["angle_deg"]),
        Measured("colour_matrix_entry_u_pct", 100 * terms["colour_matrix_relative"]),
    ]
    rows = {one.name: _row(one.name, one.value, one.u, one.limit, measured=False) for one in stated}
    for one in header.get("measured", []):
        rows[one["name"]] = _row(one["name"], one["value"], one["u"], one["limit"], measured=True)
    order = {name: place for place, name in enumerate(NAMES)}
    return sorted(rows.values(), key=lambda row: order.get(row["name"], len(order)))


def _row(name: str, value: float, u: float | None, limit: float | None, *, measured: bool) -> dict[str, Any]:
    return {"name": name, "value": value, "u": u, "limit": limit, "measured": measured}
