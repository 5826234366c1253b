"""What a simulated panel is made of: paint, relief, marks, patches, pose."""

from __future__ import annotations

from dataclasses import dataclass, field

from samples.flakes import Flakes
from samples.label import Label
from samples.polish import Polish
from samples.scuffs import Scuff
from samples.surface import Form, Mark, Texture


@dataclass(frozen=True, slots=True)
class Patch:
    """A spot where gloss or colour differs; no relief.

    Attributes
    ----------
    kind : str
        As in contracts.md §4.
    x_mm, y_mm : float
        Centre, local coordinates (mm from the panel's centre, x right, y down).
    size_mm : float
        Diameter at half strength.
    edge_mm : float
        Width of the soft edge.
    alpha, haze : float or None
        Roughness and haze share inside; None: as around.
    delta_lab : tuple of float
        Added to the paint's Lab inside.
    lab : tuple of float or None
        Colour of what lies there (dust, laid-bare primer), mixed in by area; None: the paint's.
    covers : float
        Share of the mirror image that is hidden (dust).
    identity : str
        Name that a mark keeps from pass to pass.
    """

    kind: str
    x_mm: float
    y_mm: float
    size_mm: float
    edge_mm: float = 1.0
    alpha: float | None = None
    haze: float | None = None
    delta_lab: tuple[float, float, float] = (0.0, 0.0, 0.0)
    covers: float = 0.0
    lab: tuple[float, float, float] | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Pose:
    """How the panel lies in the station: shift of its centre (x right, y down) and turn (counter-clockwise)."""

    dx_mm: float = 0.0
    dy_mm: float = 0.0
    rotation_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A painted panel.

    Attributes
    ----------
    lab : tuple of float
        CIE L*a*b* (D65, 2°) of the 45° reflectance factor, gloss excluded; L* = 0 is black glass.
    n_clear : float
        Refractive index of the clearcoat.
    alpha : float
        GGX width of the micro-slopes: 0.0015 is well polished, 0.012 freshly sanded.
    haze, haze_alpha : float
        Share and width of a second, wide lobe.
    polish : tuple of Polish
        What the way of working left all over the panel.
    flakes : Flakes or None
        Metal in the base coat; None: a solid colour.
    labels : tuple of Label
        Paper that lies on the paint.
    film_um : tuple of (zone, µm)
        What a film gauge would read.
    """

    code: str
    part: str | None = None
    recipe: str | None = None
    coat_number: int = 1
    pass_number: int = 0
    lab: tuple[float, float, float] = (28.0, 26.0, -34.0)
    n_clear: float = 1.5
    alpha: float = 0.0015
    haze: float = 0.0
    haze_alpha: float = 0.06
    texture: Texture = field(default_factory=Texture)
    form: Form = field(default_factory=Form)
    marks: tuple[Mark, ...] = ()
    patches: tuple[Patch, ...] = ()
    scuffs: tuple[Scuff, ...] = ()
    polish: tuple[Polish, ...] = ()
    flakes: Flakes | None = None
    labels: tuple[Label, ...] = ()
    pose: Pose = field(default_factory=Pose)
    film_um: tuple[tuple[str, float], ...] = ()
    wiped: bool | None = True
