"""Specks that are one mark."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from inspection.defects.candidates import Sign
from inspection.defects.specks import Speck


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Specks that are one mark: the first gives its footprint.

    Attributes
    ----------
    seeds : tuple of Speck
        One of each kind of evidence, or the pieces of a line.
    region : bool
        It was found as a region.
    grain : int
        Specks inside it that are its own texture.
    streaks : bool
        Its footprint is that of many streaks side by side.
    """

    specks: tuple[Speck, ...]
    region: bool = False
    grain: int = 0
    streaks: bool = False
    sigma: dict[Sign, float] = field(default_factory=dict)

    @property
    def main(self) -> Speck:
        """The speck that shows its footprint."""
        return self.specks[0]

    def joined(self, *others: Speck) -> Group:
        """With more specks of the same mark; their evidence counts, the footprint stays."""
        sigma = dict(self.sigma)
        for one in others:
            sigma[one.sign] = max(sigma.get(one.sign, 0.0), one.sigma)
        return replace(self, specks=(*self.specks, *others), sigma=sigma)


def group(speck: Speck, *, region: bool = False, streaks: bool = False) -> Group:
    """A mark of a single speck."""
    return Group((speck,), region, 0, streaks, {speck.sign: speck.sigma})
