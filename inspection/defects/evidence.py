"""Everything that the search for marks looks at, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.find_scales import Scale, scales
from inspection.defects.ground import MATT_REFLECTANCE, ground_of, specks_of
from inspection.defects.streaks import Streaks, streaks_of
from inspection.filters import binned, filled, unknown
from inspection.fringes import SEEN_SIGMA, FloatMap
from inspection.maps.kinds import ClarityMap, GlossMap, HazeMap, LampMap, Map, ReflectanceMap, SurfaceMap
from inspection.rig import Rig

#: The search needs no finer pixels than this: smaller marks lose nothing when noise is averaged over their width.
SEARCH_PITCH_MM = 0.2
#: Largest scale (Gaussian standard deviation) of relief: dents of 30 mm; of specks in mirror and colour.
RELIEF_MM = 8.0
SPECK_SCALE_MM = 1.5
#: Share of a search cell, and of the ground, that must have been seen.
LEAST_SEEN = 0.5
#: A mark is judged against the paint around it: a few times its own width.
LEAST_FIELD_MM = 8.0
#: Weights that make a grey of linear sRGB with equal say for each colour: marks may have any hue.
_GREY = np.full((1, 3), 1 / 3, np.float32)


@dataclass(frozen=True, eq=False)
class Evidence:
    """The maps of one panel; None where its frames were not captured.

    All maps have the shape of the camera's picture and share `to_panel_mm` and `pitch_mm`. What the search derives
    from them lies on the search grid: blocks of `bin_px` × `bin_px` camera pixels, a border that fills none cut off.
    `blind` are the camera's dead pixels (rows, cols), None where there are none.
    """

    rig: Rig
    surface: SurfaceMap | None
    gloss: GlossMap | None
    clarity: ClarityMap | None
    haze: HazeMap | None
    reflectance: ReflectanceMap | None
    lamps: LampMap | None
    blind: NDArray[np.bool_] | None = None
    _spaces: dict[Sign, tuple[Scale, ...]] = field(default_factory=dict, init=False)
    _cells: dict[int, tuple[FloatMap, FloatMap, FloatMap]] = field(default_factory=dict, init=False)

    @cached_property
    def one(self) -> Map:
        """Any of the maps: for what they have in common."""
        return next(m for m in (self.surface, self.reflectance, self.gloss, self.lamps) if m is not None)

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the camera's picture."""
        return self.rig.sensor.shape

    @cached_property
    def bin_px(self) -> int:
        """Camera pixels along a side of a search cell."""
        return max(1, int(SEARCH_PITCH_MM / min(self.one.pitch_mm) + 1e-6))

    @cached_property
    def cell_mm(self) -> float:
        """Side of a search cell (geometric mean of both axes)."""
        return self.bin_px * float(np.sqrt(self.one.pitch_mm[0] * self.one.pitch_mm[1]))

    def on_cells(self, values: FloatMap, in_specks: float | None = None) -> Field | None:
        """A map on the search grid, within the ground; holes are filled from around, specks with `in_specks`.

        None where less than `LEAST_SEEN` of the ground was seen, or there is no ground.
        """
        if self.blind is not None:
            values = np.where(self.blind, np.float32(np.nan), values)
        small, share = self._kept_cells(values) if self.blind is None else self._cells_of(values)
        if in_specks is not None and share.min() < 1:
            hole = ~np.isfinite(values)
            specks = specks_of(hole if self.blind is None else hole & ~self.blind, self.one.pitch_mm)
            if specks is not None:
                small, share = self._cells_of(np.where(specks, np.float32(in_specks), values))
        return self._field(small, share)

    def _field(self, small: FloatMap, share: FloatMap) -> Field | None:
        seen = share >= LEAST_SEEN
        if self.ground_cells is not None:
            seen &= self.ground_cells
        ground = seen.size if self.ground_cells is None else np.count_nonzero(self.ground_cells)
        enough = np.count_nonzero(seen) >= max(1.0, LEAST_SEEN * ground)
        return Field(filled(small, seen), seen) if enough else None

    def _cells_of(self, values: FloatMap) -> tuple[FloatMap, FloatMap]:
        """Means of a map on the search grid, and the share of pixels that counted."""
        if self.bin_px == 1:
            return values, np.isfinite(values if values.ndim == 2 else values[..., 0]).astype(np.float32)
        return binned(values, self.bin_px, self.bin_px)

    def _kept_cells(self, values: FloatMap) -> tuple[FloatMap, FloatMap]:
        """The same of one of the maps, made once: two searches ask for it."""
        known = self._cells.get(id(values))
        if known is None:
            known = self._cells[id(values)] = values, *self._cells_of(values)
        return known[1:]

    def in_blocks(self, values: FloatMap, size: tuple[int, int]) -> tuple[FloatMap, FloatMap]:
        """Means of one of the maps in blocks of so many camera pixels, and the share of them that counted.

        From the search cells, a sixteenth of the pixels, where whole ones make a block and there is no hole.
        """
        if self.bin_px > 1 and not (size[0] % self.bin_px or size[1] % self.bin_px):
            small, share = self._kept_cells(values)
            if share.min() == 1:
                return binned(small, size[0] // self.bin_px, size[1] // self.bin_px)
        return binned(values, *size)

    @cached_property
    def unseen(self) -> NDArray[np.bool_]:
        """Camera pixels without a mirror image."""
        return np.zeros(self.shape, np.bool_) if self.surface is None else unknown(self.surface.height_um)

    @cached_property
    def hole(self) -> NDArray[np.bool_]:
        """The same but for dead ones: those are bridged."""
        return self.unseen if self.blind is None else self.unseen & ~self.blind

    @cached_property
    def ground(self) -> NDArray[np.bool_]:
        """Camera pixels of the part of the panel that is searched, dead ones included (inspection/defects/ground.py).

        Without a mirror image it is not known where the panel ends, and all of the field is searched.
        """
        lit = None
        if self.reflectance is not None and self.hole.any():
            # Too bright for the frame is lit as well.
            lit = ~(cv2.transform(self.reflectance.linear_srgb, _GREY) < MATT_REFLECTANCE)
        return ground_of(self.hole, lit, self.one.pitch_mm, LEAST_FIELD_MM)

    @cached_property
    def ground_cells(self) -> NDArray[np.bool_] | None:
        """The same on the search grid; None where it is all of it."""
        if self.ground.all():
            return None
        if self.bin_px == 1:
            return self.ground
        return binned(self.ground.astype(np.float32), self.bin_px, self.bin_px)[0] >= LEAST_SEEN

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the search grid."""
        return self.shape[0] // self.bin_px, self.shape[1] // self.bin_px

    @cached_property
    def relief(self) -> Field | None:
        """Height in µm on the search grid."""
        return None if self.surface is None else self.on_cells(self.surface.height_um)

    @cached_property
    def mirror(self) -> Field | None:
        """Gloss in GU on the search grid; in a hole, as much as it has where the fringe of one axis just vanished."""
        if self.gloss is None:
            return None
        thin = self.gloss.gu[:: 4 * self.bin_px, :: 4 * self.bin_px]
        level = float(np.nanmedian(thin)) if np.isfinite(thin).any() else 0.0
        return self.on_cells(self.gloss.gu, in_specks=level / 2 + SEEN_SIGMA * self.gloss.noise_gu / float(np.sqrt(2)))

    @cached_property
    def grey(self) -> Field | None:
        """Diffuse reflectance factor, mean of the three colours, on the search grid; saturated specks are bright."""
        if self.reflectance is None:
            return None
        small, share = self._kept_cells(self.reflectance.linear_srgb)
        if share.min() == 1 and self.blind is None:  # nothing to fill: a tenth of the time
            return self._field(np.asarray(cv2.transform(small, _GREY), np.float32), share)
        grey = np.asarray(cv2.transform(self.reflectance.linear_srgb, _GREY), np.float32)
        return self.on_cells(grey, in_specks=float(np.nanmax(grey, initial=0.0)))

    @cached_property
    def fields(self) -> dict[Sign, Field]:
        """Those of the maps on the search grid that there are."""
        maps = {Sign.RELIEF: self.relief, Sign.MIRROR: self.mirror, Sign.COLOUR: self.grey}
        return {sign: one for sign, one in maps.items() if one is not None}

    def space(self, sign: Sign) -> tuple[Scale, ...]:
        """The scale space of one of the `fields`, finest first; made once."""
        if sign not in self._spaces:
            relief = sign is Sign.RELIEF
            coarsest = (RELIEF_MM if relief else SPECK_SCALE_MM) / self.cell_mm
            sparkles = sign is Sign.COLOUR
            self._spaces[sign] = tuple(
                scales(self.fields[sign], coarsest_cells=coarsest, odd=relief, sparkles=sparkles)
            )
        return self._spaces[sign]

    @cached_property
    def streaks(self) -> Streaks | None:
        """Streaks that small lamps show on the ground; None without lamps of known place."""
        if self.lamps is None:
            return None
        unseen = ~self.ground if self.blind is None else ~self.ground | self.blind
        return streaks_of(self.lamps, None if self.gloss is None else self.gloss.gu, self.rig, unseen)

    @cached_property
    def searched(self) -> NDArray[np.bool_]:
        """Camera pixels where marks could be seen: where a fringe was seen. Colour alone shows no scratch."""
        if self.surface is None:
            return np.zeros(self.shape, np.bool_)
        return self.ground if self.blind is None else self.ground & ~self.blind
