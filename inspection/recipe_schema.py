"""What a recipe's file may hold (`paint-recipe/1`): fields, types and ranges. What they mean: `inspection.recipe`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

#: The region that always exists.
WHOLE = "whole"

_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
_Coordinate = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e5, le=1e5)]
_Point = Annotated[list[_Coordinate], Field(min_length=2, max_length=2)]


def _time(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("expected a time with its offset")
    return text


_Share = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, lt=1)]
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Time = Annotated[str, AfterValidator(_time)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TitleForm(_Strict):
    """What the colour is called."""

    zh: Annotated[str, Field(min_length=1, max_length=80)]
    en: Annotated[str, Field(min_length=1, max_length=80)]


class ColourForm(_Strict):
    """Target: CIE L*a*b*, D65, 2°."""

    lab: Annotated[list[_Number], Field(min_length=3, max_length=3)]


class FilmForm(_Strict):
    """Clearcoat, see `inspection.recipe.Film`."""

    start_um: _Positive | None = None
    removable_um: _Positive | None = None
    per_pass_um: _Positive | None = None


class RegionForm(_Strict):
    """A named polygon on the panel."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    polygon_mm: Annotated[list[_Point], Field(min_length=3, max_length=1000)]


class CheckForm(BaseModel):
    """One check; keys beside these are knobs of its measure, checked there."""

    model_config = ConfigDict(extra="allow", strict=True)
    measure: str
    low: _Number | None = None
    high: _Number | None = None
    region: str = WHOLE
    passes: Annotated[list[int], Field(min_length=1)] | None = None


class LearnedForm(_Strict):
    """Origin of a learned recipe, see `inspection.recipe.Learned`."""

    panels: Annotated[int, Field(ge=1)]
    passes: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]
    captured_from: _Time
    captured_to: _Time
    captures: Annotated[list[_Hash], Field(min_length=1)]
    rig: _Hash
    learned_at: _Time
    simulated: bool
    content: _Share
    confidence: _Share
    u_lab: Annotated[list[_Number], Field(min_length=3, max_length=3)] | None = None
    who: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class RecipeForm(_Strict):
    """The whole file."""

    format: Literal["paint-recipe/1"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    title: TitleForm
    passes: Annotated[int, Field(ge=0, le=50)]
    n_clear: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1.3, le=1.8)]
    colour: ColourForm | None = None
    film: FilmForm = FilmForm()
    learned: LearnedForm | None = None
    regions: Annotated[list[RegionForm], Field(max_length=100)] = []
    checks: Annotated[list[CheckForm], Field(min_length=1, max_length=500)]
