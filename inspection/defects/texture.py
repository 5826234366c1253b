"""A mark's own texture: what stands out of it no more than its other parts do is a part of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from inspection.defects.candidates import Sign
from inspection.defects.field import Field
from inspection.defects.find_scales import laplacian
from inspection.defects.specks import Mask, Speck, overlap
from inspection.fringes import FloatMap

#: Most of the host's texture is below this percentile; a mark of its own is so many times beyond it.
_PERCENTILE = 98.0
OUTSTANDING = 3.0
#: Fewer cells than this around a speck tell nothing about texture.
_LEAST_CELLS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """Responses of every map around one host, kept by scale.

    `outline` are the cells of the host at its border, where it has a sharp one: an edge stands out and tells nothing of
    the rest, nor the rest of it.
    """

    host: Speck
    fields: dict[Sign, Field]
    outline: Mask | None = None
    _kept: dict[tuple[Sign, float], FloatMap] = field(default_factory=dict)

    def holds(self, speck: Speck, outstanding: float = OUTSTANDING) -> bool:
        """Whether a speck is no more than so many times the host's own texture."""
        response = self._response(speck)
        inside = self.host.inside & self.fields[speck.sign].seen[self.host.rows, self.host.cols]
        if self.outline is not None:
            on_it = 2 * overlap(speck, replace(self.host, inside=self.outline)) >= speck.area
            inside &= self.outline if on_it else ~self.outline
        own = speck.grown(1.5 * speck.scale_cells + 1, self.fields[speck.sign].values.shape)
        top, bottom = max(own.top, self.host.top), min(own.rows.stop, self.host.rows.stop)
        left, right = max(own.left, self.host.left), min(own.cols.stop, self.host.cols.stop)
        if top < bottom and left < right:
            inside[
                top - self.host.top : bottom - self.host.top, left - self.host.left : right - self.host.left
            ] &= ~own.inside[top - own.top : bottom - own.top, left - own.left : right - own.left]
        if np.count_nonzero(inside) < _LEAST_CELLS:
            return True
        return abs(speck.strength) < outstanding * float(np.percentile(response[inside], _PERCENTILE))

    def _response(self, speck: Speck) -> FloatMap:
        key = (speck.sign, speck.scale_cells)
        if key not in self._kept:
            values = self.fields[speck.sign].values
            margin = int(4 * speck.scale_cells) + 2
            top, left = max(self.host.top - margin, 0), max(self.host.left - margin, 0)
            window = values[top : self.host.rows.stop + margin, left : self.host.cols.stop + margin]
            shown = laplacian(np.ascontiguousarray(window), max(speck.scale_cells, 0.5), speck.sign is Sign.RELIEF)
            rows = slice(self.host.top - top, self.host.rows.stop - top)
            cols = slice(self.host.left - left, self.host.cols.stop - left)
            self._kept[key] = np.abs(shown[rows, cols]) * np.float32(speck.scale_cells**2)
        return self._kept[key]
