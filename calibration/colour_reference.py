"""White tile and colour chart of the reference sets, brought together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calibration.chart_finding import Patches, read_patches
from calibration.colour_chart import ColourFit, fit_chart
from inspection.frames import Frame, Frames, Role
from inspection.noise import light_of
from inspection.refused import Refused

Floats = NDArray[np.float64]

#: In a mosaic the colours of a pixel stand at different places; patches are read from cells of 2 x 2.
_CELL = 2


def colour_of(sets: Sequence[Frames]) -> ColourFit | None:
    """The colour matrix from the chart; None where no set shows one.

    Raises
    ------
    Refused
        More than one chart frame, no white tile, or what `chart_finding` and `colour_chart` refuse.
    """
    charts = [(one, frame) for one in sets for frame in one.with_role(Role.CHART)]
    if not charts:
        return None
    if len(charts) > 1:
        raise Refused(f"capture.json: frames: {len(charts)} frames of a colour chart, expected one")
    tiles = [(one, frame) for one in sets for frame in one.with_role(Role.DIFFUSE_REF)]
    if len(tiles) != 1:
        raise Refused(
            f"capture.json: frames: {charts[0][1].file}: a colour chart needs one frame of the white tile "
            f"(diffuse_ref), there are {len(tiles)}"
        )
    return fit_chart(patches_of(*charts[0], *tiles[0]), charts[0][1].file)


def patches_of(chart_set: Frames, chart: Frame, tile_set: Frames, tile: Frame) -> Patches:
    """Read a chart's patches as light over that of a perfect white diffuser at the same place.

    The flat field of the tile takes vignetting and the lamps' unevenness out.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        balanced = _light(chart_set, chart) / _light(tile_set, tile) * (tile.reflectance or 1.0)
    full = chart.pixels >= chart_set.sensor.white_level
    balanced[full] = np.nan
    mosaic = chart_set.sensor.mosaic
    if mosaic is None or balanced.ndim == 3:
        return read_patches(balanced, chart.file)
    rows, cols = (side // _CELL * _CELL for side in balanced.shape)
    places = [balanced[p // _CELL : rows : _CELL, p % _CELL : cols : _CELL] for p in range(_CELL**2)]
    mixed = [np.mean([places[p] for p, name in enumerate(mosaic) if name == letter], axis=0) for letter in "RGB"]
    return read_patches(np.stack(mixed, axis=-1), chart.file)


def _light(frames: Frames, frame: Frame) -> Floats:
    """Light per ms, dark subtracted; NaN where there is none."""
    light = light_of(frame, frames.sensor) / frame.exposure_ms
    dark = frames.dark_of(frame)
    if dark is not None:
        light -= light_of(dark, frames.sensor) / dark.exposure_ms
    return np.asarray(light)
