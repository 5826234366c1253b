"""Named panels to put in front of a simulated station, each with exact truth (`samples.scene.truth`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from samples.paintwork import Panel, Patch, Pose
from samples.scuffs import Scuff
from samples.surface import Form, Mark, Texture

__all__ = ["NAMED", "Form", "Mark", "Panel", "Patch", "Pose", "Texture", "amethyst_story"]

#: Orange peel by pass, RMS height in µm of the bands 0.1–0.3, 0.3–1, 1–3, 3–10 and 10–30 mm: sprayed (0) to
#: finished (5). Cutting takes the short waves first; polishing cannot reach the long ones.
_PEEL_UM: Final = (
    (0.0, 0.016, 0.11, 0.80, 1.05),
    (0.0, 0.014, 0.09, 0.66, 0.90),
    (0.0, 0.011, 0.06, 0.52, 0.74),
    (0.0, 0.008, 0.032, 0.28, 0.58),
    (0.0, 0.005, 0.015, 0.14, 0.45),
    (0.0, 0.003, 0.007, 0.07, 0.36),
)
_ALPHA: Final = (0.0020, 0.0042, 0.0034, 0.0020, 0.0015, 0.0011)
_HAZE: Final = (0.010, 0.090, 0.060, 0.022, 0.012, 0.005)
_FILM_UM: Final = (95.0, 92.5, 90.2, 88.1, 86.2, 84.6)


def amethyst_story(pass_number: int, seed: int = 0) -> Panel:
    """Panel AM-0007-HOOD after one of its passes, 0 (as sprayed) to 5.

    Orange peel decays, nibs are cut off one by one, a sanding scratch stays and slowly fades, a
    swirl appears at pass 3 and is gone at pass 5, and the film gets thinner. Gloss, clarity and
    haze grow better with every pass after the first cut. By the shipped recipe the gloss is too
    uneven after pass 3, and only pass 5 meets everything.

    Raises
    ------
    ValueError
        A pass outside 0 … 5.
    """
    if not 0 <= pass_number <= 5:
        raise ValueError(f"the amethyst story has passes 0 to 5, not {pass_number}")
    nibs = [
        Mark("nib", -16.0, -13.0, 1.0, 1.0, 9.0, identity="nib-1"),
        Mark("nib", 14.0, -17.0, 1.3, 1.3, 7.5, identity="nib-2"),
        Mark("nib", 19.0, 12.0, 0.8, 0.8, 5.0, identity="nib-3"),
        Mark("nib", -38.0, 24.0, 1.6, 1.6, 12.0, identity="nib-4"),
    ]
    gone_at = (2, 3, 2, 4)
    marks = [n for n, gone in zip(nibs, gone_at, strict=True) if pass_number < gone]
    if pass_number >= 2:
        depth = {2: -1.6, 3: -1.2, 4: -0.8, 5: -0.45}[pass_number]
        marks.append(Mark("scratch", -4.0, 9.0, 18.0, 0.5, depth, angle_deg=-24.0, groove=True, identity="scratch"))
    share = 0.36 if pass_number == 3 else 0.11
    swirl = Scuff("swirl", 8.0, 6.0, 22.0, 400, share, gain=1.4, seed=3, identity="swirl")
    return Panel(
        "AM-0007-HOOD",
        part="hood",
        recipe="amethyst",
        pass_number=pass_number,
        lab=(28.2, 25.9, -33.8),
        alpha=_ALPHA[pass_number],
        haze=_HAZE[pass_number],
        texture=Texture(_PEEL_UM[pass_number], seed),
        marks=tuple(marks),
        scuffs=(swirl,) if pass_number in (3, 4) else (),
        film_um=(("A", _FILM_UM[pass_number]),),
    )


def _graphite_defects(pass_number: int) -> Panel:
    marks = (
        Mark("nib", -15.0, -14.0, 0.9, 0.9, 9.0),
        Mark("nib", 9.0, -18.0, 0.5, 0.5, 5.0),
        Mark("crater", 15.0, 3.0, 2.2, 2.2, -11.0, rim_um=2.5),
        Mark("pinhole", -18.0, 8.0, 0.5, 0.5, -14.0),
        Mark("scratch", -2.0, 14.0, 20.0, 0.4, -1.2, angle_deg=18.0, groove=True),
        Mark("dent", 2.0, -4.0, 14.0, 14.0, -8.0),
        Mark("run", -8.0, 0.0, 18.0, 5.0, 15.0, angle_deg=85.0),
    )
    dust = Patch("dust", 18.0, -9.0, 0.9, 0.2, lab=(70.0, 2.0, 5.0), covers=0.9)
    return Panel(
        "GR-0101",
        part="door",
        recipe="graphite",
        pass_number=pass_number,
        lab=(22.0, -0.4, -2.0),
        alpha=0.0014,
        texture=Texture((0.0, 0.008, 0.03, 0.15, 0.5), 11),
        marks=marks,
        patches=(dust,),
        film_um=(("A", 93.0),),
    )


def _amethyst_patches(pass_number: int) -> Panel:
    patches = (
        Patch("gloss_patch", -12.0, -8.0, 14.0, 4.0, alpha=0.006, haze=0.08),
        Patch("colour_patch", 11.0, 10.0, 18.0, 5.0, delta_lab=(1.0, 1.2, -1.5)),
        Patch("burn_through", 20.0, -18.0, 3.0, 0.8, alpha=0.02, lab=(62.0, 0.5, 3.0)),
    )
    return replace(
        amethyst_story(4, 21), code="AM-0009", part="wing", pass_number=pass_number, lab=(28.7, 25.2, -32.9),
        marks=(), patches=patches, scuffs=(),
    )  # fmt: skip


def _flat(pass_number: int) -> Panel:
    """Polished paint without texture or marks: what an ideal mirror of index 1.5 would read."""
    return Panel("FLAT", recipe="amethyst", pass_number=pass_number, alpha=0.0)


def _white(pass_number: int) -> Panel:
    """White paint, whose own light drowns its mirror image."""
    return Panel(
        "SN-0001", recipe="snow", pass_number=pass_number, lab=(93.2, -0.7, 2.1), alpha=0.0016, haze=0.01,
        texture=Texture((0.0, 0.006, 0.03, 0.12, 0.5), 31),
    )  # fmt: skip


def _sanded(pass_number: int) -> Panel:
    """Freshly sanded: only the coarsest fringe survives."""
    return replace(amethyst_story(2, 5), code="AM-0011", pass_number=pass_number, alpha=0.012, haze=0.12)


def _curved(pass_number: int) -> Panel:
    """The finished story on a hood that bends with a radius of 2.5 m along both axes."""
    return replace(amethyst_story(5, 41), code="AM-0012-HOOD", pass_number=pass_number, form=Form(2500.0))


#: By name, a function from pass number to panel.
NAMED: Final[dict[str, Callable[[int], Panel]]] = {
    "amethyst": amethyst_story,
    "amethyst_patches": _amethyst_patches,
    "curved": _curved,
    "flat": _flat,
    "graphite_defects": _graphite_defects,
    "sanded": _sanded,
    "white": _white,
}
