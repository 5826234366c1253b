"""`capture.json` of a capture set: what may stand in it, and the first thing wrong with it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, Field, ValidationError, field_validator, model_validator

from inspection.frames import Axis, MarkerSet, Mosaic, Role
from inspection.refused import Refused
from station.capture_set.placing import CameraPart, Matrix, Number, Positive, ScreenPart, Strict, inverse_exists

FORMAT = "paint-capture/1"


def _printable(text: str) -> str:
    # Labels end up in file names, terminals and pages: no line breaks, no escape sequences.
    if not text.isprintable():
        raise ValueError("expected printable text without control characters")
    return text


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if not name.isprintable() or "\\" in name:
        raise ValueError("expected a plain relative path with forward slashes")
    if path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts or not path.parts:
        raise ValueError("expected a relative path inside the folder")
    return str(path)


def _dated(text: str) -> str:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("expected an ISO 8601 date and time with offset") from None
    if when.tzinfo is None:
        raise ValueError("expected a time with an offset from UTC, such as +08:00")
    if not 1970 <= when.year <= 2200:
        raise ValueError("expected a year between 1970 and 2200")
    return text


Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
FileName = Annotated[str, Field(min_length=1, max_length=240), AfterValidator(_inside)]
Timestamp = Annotated[str, Field(max_length=64), AfterValidator(_dated)]
Invertible = Annotated[Matrix, AfterValidator(inverse_exists)]


class ImagePart(Strict):
    """The camera's pixels."""

    px: tuple[Annotated[int, Field(ge=1, le=32768)], Annotated[int, Field(ge=1, le=32768)]]
    bit_depth: Literal[8, 16]
    black_level: Number
    white_level: Number
    linear: bool = True
    mosaic: Mosaic | None = None
    adc_bits: Annotated[int, Field(ge=1, le=16)] | None = None
    frames_averaged: Annotated[int, Field(ge=1, le=100_000)] = 1
    electrons_full_scale: Positive | None = None
    read_noise_e: Annotated[float, Field(ge=0, le=1e9)] | None = None

    @field_validator("linear")
    @classmethod
    def _must_be_linear(cls, linear: bool) -> bool:
        if not linear:
            raise ValueError("expected true: only linear pixels can be measured")
        return linear

    @model_validator(mode="after")
    def _levels(self) -> ImagePart:
        top = 2**self.bit_depth - 1
        if not 0 <= self.black_level < self.white_level <= top:
            raise ValueError(
                f"expected 0 <= black_level < white_level <= {top}, got {self.black_level:g} and {self.white_level:g}"
            )
        if self.adc_bits is not None and self.adc_bits > self.bit_depth:
            raise ValueError(f"adc_bits: expected at most bit_depth = {self.bit_depth}, got {self.adc_bits}")
        return self


class ColorPart(Strict):
    """From camera RGB to linear sRGB."""

    camera_rgb_to_linear_srgb: Invertible


class GeometryPart(Strict):
    """Where camera and screen stand."""

    camera: CameraPart
    screen: ScreenPart


class ConditionsPart(Strict):
    """What was known about the panel."""

    wiped: bool | None = None
    surface_temperature_c: Annotated[float, Field(ge=-60, le=300)] | None = None
    film_um: dict[Text, Annotated[float, Field(ge=0, le=1e6)]] | None = None


class BoardPart(Strict):
    """The ChArUco plate of a `grid` frame."""

    squares: tuple[Annotated[int, Field(ge=3, le=1000)], Annotated[int, Field(ge=3, le=1000)]]
    square_mm: Positive
    marker_mm: Positive
    dictionary: MarkerSet
    height_mm: Annotated[float, Field(ge=0, le=1000)] = 0.0

    @model_validator(mode="after")
    def _markers_fit(self) -> BoardPart:
        if self.marker_mm >= self.square_mm:
            raise ValueError(f"marker_mm: expected less than square_mm = {self.square_mm:g}, got {self.marker_mm:g}")
        needed, there = self.squares[0] * self.squares[1] // 2, int(self.dictionary.rsplit("_", 1)[1])
        if needed > there:
            raise ValueError(f"squares: {needed} markers are needed, {self.dictionary} has {there}")
        return self


class FramePart(Strict):
    """One picture of the set."""

    file: FileName
    role: Role
    exposure_ms: Positive
    group: Annotated[str, Field(max_length=200), AfterValidator(_printable)] = ""
    channels: Literal[1, 3] = 1
    axis: Axis | None = None
    period_mm: Positive | None = None
    step: Annotated[int, Field(ge=0)] | None = None
    steps: Annotated[int, Field(ge=3, le=1000)] | None = None
    phase_deg: Number = 0.0
    azimuth_deg: Number | None = None
    polar_deg: Annotated[float, Field(ge=0, le=90)] | None = None
    distance_mm: Positive | None = None
    reflectance: Annotated[float, Field(gt=0, le=1.2)] | None = None
    board: BoardPart | None = None
    level: Annotated[float, Field(ge=0, le=1)] | None = None
    aspecular_deg: Annotated[float, Field(gt=0, le=180)] | None = None

    @model_validator(mode="after")
    def _what_its_role_needs(self) -> FramePart:
        needed = {
            Role.FRINGE: ("axis", "period_mm", "step", "steps"),
            Role.DIFFUSE_REF: ("reflectance",),
            Role.GREY: ("level",),
        }
        for name in needed.get(self.role, ()):
            if getattr(self, name) is None:
                raise ValueError(f"{name} is required for a {self.role} frame")
        if self.aspecular_deg is not None and self.role not in (Role.DIFFUSE, Role.DIFFUSE_REF):
            raise ValueError(f"aspecular_deg: only diffuse and diffuse_ref frames have it, not a {self.role} frame")
        if self.step is not None and self.steps is not None and self.step >= self.steps:
            raise ValueError(f"step: expected 0 to {self.steps - 1}, got {self.step}")
        return self


class Manifest(Strict):
    """All of `capture.json` that is read; fields of the maker's own are ignored."""

    format: str
    pass_number: Annotated[int, Field(ge=0, le=999)]
    image: ImagePart
    geometry: GeometryPart
    frames: Annotated[tuple[FramePart, ...], Field(min_length=1, max_length=2000)]
    panel: Text | None = None
    part: Text | None = None
    recipe: Text | None = None
    coat_number: Annotated[int, Field(ge=1, le=999)] = 1
    view: Text | None = None
    view_to_panel_mm: Invertible = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    captured_at: Timestamp | None = None
    station: Text | None = None
    operator: Text | None = None
    simulated: bool = False
    reference: str | None = None
    reference_set: bool = False
    glass_n: Annotated[float, Field(gt=1, le=4)] = 1.567
    color: ColorPart | None = None
    conditions: ConditionsPart | None = None
    check_panel: Text | None = None

    @model_validator(mode="after")
    def _one_purpose(self) -> Manifest:
        if self.reference_set and self.check_panel is not None:
            raise ValueError("check_panel: a set is of the reference or of a check panel, not of both")
        return self


def parse_manifest(data: bytes, source: str) -> Manifest:
    """Read the text of a `capture.json`.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    source : str
        The file's name in the refusal.

    Raises
    ------
    Refused
        Not JSON, another format number, or the first field that is missing or wrong.
    """
    try:
        tree = json.loads(data.decode("utf-8-sig"), parse_constant=_no_such_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as fault:
        raise Refused(f"{source}: not readable as UTF-8 JSON: {_one_line(str(fault))}") from None
    if not isinstance(tree, dict):
        raise Refused(f"{source}: expected a JSON object")
    # The format number first: of another format nothing else can be said.
    if tree.get("format") != FORMAT:
        raise Refused(f'{source}: format: expected "{FORMAT}", got {_shown(tree.get("format"))}')
    try:
        return Manifest.model_validate_json(data.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as fault:
        raise Refused(f"{source}: {_first(fault)}") from None


def _no_such_number(literal: str) -> NoReturn:
    raise ValueError(f"{literal} is not a number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"field {_shown(twice)} stands twice in one object")
    return tree


def _first(fault: ValidationError) -> str:
    error = fault.errors(include_url=False)[0]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    message = error["msg"].removeprefix("Value error, ").replace("Input should", "expected it to").rstrip(".")
    got = (
        ""
        if error["type"] == "missing" or isinstance(error["input"], (dict, list))
        else (f", got {_shown(error['input'])}")
    )
    if isinstance(error["input"], BaseModel):
        got = ""
    return _one_line(f"{field}: {message[0].lower()}{message[1:]}{got}" if field else f"{message}{got}")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))
