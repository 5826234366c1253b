"""The kinds of mark: code of VDA 16, names, and the processes they usually come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a mark is; `UNKNOWN` when in doubt."""

    NIB = "nib"
    CRATER = "crater"
    PINHOLE = "pinhole"
    SCRATCH = "scratch"
    SWIRL = "swirl"
    HOLOGRAM = "hologram"
    RUN = "run"
    DENT = "dent"
    DUST = "dust"
    BURN_THROUGH = "burn_through"
    GLOSS_PATCH = "gloss_patch"
    COLOUR_PATCH = "colour_patch"
    UNKNOWN = "unknown"


class Process(StrEnum):
    """The seven steps of painting."""

    PRE_TREATMENT = "pre_treatment"
    ELECTROCOAT = "electrocoat"
    PVC_SEAL = "pvc_seal"
    PRIMER = "primer"
    BASECOAT = "basecoat"
    CLEARCOAT = "clearcoat"
    FINISHING = "finishing"


@dataclass(frozen=True, slots=True)
class About:
    """What is known about a kind.

    Attributes
    ----------
    code : str
        Position number of VDA 16 (2016), attributes of decorative surfaces, the nearest one: swirl marks count as
        polishing streaks (30), what is polished through as a weak spot (20). Empty where it has none: loose dust is
        not an attribute of the surface.
    names : dict of str
        By language.
    origins : tuple of Process
        Likely first.
    from_polishing : bool
        A polishing pass can make it.
    polishable : bool
        Sanding and polishing can take it away.
    """

    code: str
    names: dict[str, str]
    origins: tuple[Process, ...]
    from_polishing: bool = False
    polishable: bool = True


P = Process
ABOUT: dict[Kind, About] = {
    Kind.NIB: About("26", {"en": "Nib", "zh": "颗粒"}, (P.CLEARCOAT, P.BASECOAT, P.PRIMER)),
    Kind.CRATER: About("4b", {"en": "Crater", "zh": "缩孔"}, (P.CLEARCOAT, P.BASECOAT, P.PRE_TREATMENT), False, False),
    Kind.PINHOLE: About("22", {"en": "Pinhole", "zh": "针孔"}, (P.CLEARCOAT, P.BASECOAT, P.PVC_SEAL), False, False),
    Kind.SCRATCH: About("17", {"en": "Scratch", "zh": "划痕"}, (P.FINISHING, P.CLEARCOAT), True),
    Kind.SWIRL: About("30", {"en": "Swirl marks", "zh": "抛光纹"}, (P.FINISHING,), True),
    Kind.HOLOGRAM: About("28c", {"en": "Holograms", "zh": "光影纹"}, (P.FINISHING,), True),
    Kind.RUN: About("18", {"en": "Run", "zh": "流挂"}, (P.CLEARCOAT, P.BASECOAT)),
    Kind.DENT: About("3", {"en": "Dent", "zh": "凹坑"}, (P.PRE_TREATMENT, P.ELECTROCOAT), False, False),
    Kind.DUST: About("", {"en": "Dust on the surface", "zh": "浮尘"}, (P.FINISHING,)),
    Kind.BURN_THROUGH: About("20", {"en": "Burn-through", "zh": "抛穿"}, (P.FINISHING,), True, False),
    Kind.GLOSS_PATCH: About("12", {"en": "Gloss patch", "zh": "光泽斑"}, (P.FINISHING, P.CLEARCOAT), True),
    Kind.COLOUR_PATCH: About("8", {"en": "Colour patch", "zh": "色斑"}, (P.BASECOAT, P.PRIMER), False, False),
    Kind.UNKNOWN: About("", {"en": "Unclear mark", "zh": "未定缺陷"}, tuple(Process)),
}
