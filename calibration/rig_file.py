"""A rig as one file: a ZIP of arrays (`.npy`) and a header, with its content hash."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from typing import Any

import numpy as np

from inspection.frames import Axis, Camera, Geometry, Screen, Sensor
from inspection.lens import Lens
from inspection.refused import Refused
from inspection.rig import Alias, CalibrationTerms, ColourReference, Measured, NoiseModel, Rig, TakenFrame
from inspection.white import White, aspecular_name

_HEADER = "rig.json"
#: ZIP wants a date; a fixed one keeps the same rig the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
#: A rig of a 150-megapixel camera has fewer bytes than this.
_MOST_BYTES = 16 * 2**30


def pack(rig: Rig) -> bytes:
    """The file's bytes; the same rig gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        header = json.dumps(rig.header() | {"sha256": rig.sha256}, indent=1, ensure_ascii=False, allow_nan=False)
        archive.writestr(zipfile.ZipInfo(_HEADER, _DATE), header)
        for name, array in rig.arrays().items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _DATE), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def unpack(data: bytes, name: str) -> Rig:
    """Read a rig file.

    Raises
    ------
    Refused
        It is not a rig file, was cut off or changed: the content no longer fits its hash.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise Refused(f"{name}: larger than any rig file")
            header = json.loads(archive.read(_HEADER))
            if header.get("format") != "paint-rig/1":
                raise Refused(f"{name}: format is {header.get('format')!r}, expected 'paint-rig/1'")
            arrays = {
                entry.filename.removesuffix(".npy"): np.lib.format.read_array(
                    io.BytesIO(archive.read(entry)), allow_pickle=False
                )
                for entry in archive.infolist()
                if entry.filename != _HEADER
            }
        rig = _rig(header, arrays)
        sound = rig.sha256 == header["sha256"]
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        EOFError,
        AttributeError,
        NotImplementedError,
    ) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"{name}: damaged or not a rig file ({type(error).__name__}: {error}); calibrate again") from None
    if not sound:
        raise Refused(f"{name}: damaged: its content does not fit its hash; calibrate again")
    return rig


def _rig(header: dict[str, Any], arrays: dict[str, Any]) -> Rig:
    fringes: list[tuple[Axis, float]] = [(axis, period) for axis, period in header["fringes"]]
    return Rig(
        sensor=Sensor(**header["sensor"]),
        geometry=_geometry(header["geometry"]),
        modulation={(axis, period): arrays[f"modulation_{axis}_{period:g}mm"] for axis, period in fringes},
        offset=arrays["offset"],
        screen_u_mm=arrays["screen_u_mm"],
        screen_v_mm=arrays["screen_v_mm"],
        tile=arrays.get("tile"),
        camera_rgb_to_linear_srgb=_deep(header["camera_rgb_to_linear_srgb"]),
        noise=NoiseModel(**header["noise"]),
        glass_n=header["glass_n"],
        calibrated_at=header["calibrated_at"],
        expires_at=header["expires_at"],
        simulated=header["simulated"],
        station=header["station"],
        offset_noise_relative=header["offset_noise_relative"],
        tile_noise_relative=header["tile_noise_relative"],
        terms=CalibrationTerms(**header["terms"]),
        declared_geometry=_geometry(header["declared_geometry"]) if "declared_geometry" in header else None,
        measured=tuple(Measured(**one) for one in header.get("measured", [])),
        operator=header.get("operator"),
        taken=tuple(TakenFrame(**one) for one in header.get("taken", [])),
        colour=_tuples(ColourReference, header["colour"]) if "colour" in header else None,
        dark_per_ms=header.get("dark_per_ms"),
        aliases=tuple(Alias(**one) for one in header.get("aliases", [])),
        harmonic_ratio=header.get("harmonic_ratio"),
        aspecular={angle: White(arrays[aspecular_name(angle)], noise) for angle, noise in header.get("aspecular", [])},
    )


def _geometry(values: dict[str, Any]) -> Geometry:
    lens = values["camera"].get("lens")
    camera = values["camera"] | {"lens": None if lens is None else _tuples(Lens, lens)}
    return Geometry(_tuples(Camera, camera), _tuples(Screen, values["screen"]), tuple(values["field_mm"]))


def _tuples(kind: Any, values: dict[str, Any]) -> Any:
    return kind(**{f.name: _deep(values[f.name]) for f in dataclasses.fields(kind)})


def _deep(value: Any) -> Any:
    return tuple(_deep(v) for v in value) if isinstance(value, list) else value
