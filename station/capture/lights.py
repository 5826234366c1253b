"""Names of the lights of a station, as its lamps and the groups of its frames have them."""

from __future__ import annotations

#: The pattern screen.
SCREEN = "screen"
#: The diffuse light at 45°.
DIFFUSE = "diffuse"


def aspecular_name(aspecular_deg: float) -> str:
    """Name of the light from a single direction, by its aspecular angle, as the sample world's frames have it."""
    return f"aspecular_{aspecular_deg:g}"


def spot_name(azimuth_deg: float) -> str:
    """Name of the small lamp at an azimuth, as the sample world's frames have it."""
    return f"spot_{azimuth_deg:03.0f}"
