"""From a folder or zip to `Frames`, or one sentence why not."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from inspection.frames import AXES, Axis, Board, Conditions, Frame, Frames, Role, Sensor
from inspection.refused import Refused
from station.capture_set.archive import MANIFEST, MemorySource, Source, open_source
from station.capture_set.headers import read_header
from station.capture_set.manifest import FramePart, Manifest, parse_manifest
from station.capture_set.pictures import Pixels, decode_picture
from station.capture_set.placing import geometry_of

MAX_MANIFEST_BYTES = 4 * 2**20
#: Decoded pixels of one set: 20 planes of 100 megapixels at 16 bit.
MAX_SET_BYTES = 4 * 2**30
#: Share of saturated pixels beyond which a frame is no measurement.
MAX_SATURATED = {Role.FRINGE: 0.01, Role.WHITE: 0.01, Role.DIFFUSE: 0.01, Role.DIFFUSE_REF: 0.01, Role.SPOT: 0.10}

_COLOUR = (Role.DIFFUSE, Role.DIFFUSE_REF, Role.CHART)
_MEASURED = (Role.FRINGE, Role.DIFFUSE, Role.SPOT)
_REFERENCE = (Role.FRINGE, Role.DIFFUSE_REF, Role.CHART, Role.GRID, Role.GREY)


def read_capture_set(path: Path) -> Frames:
    """Read a capture set, `paint-capture/1`.

    Parameters
    ----------
    path : Path
        Folder, or zip archive of one (at its top or in one top folder).

    Returns
    -------
    Frames
        Raw pixels, read-only. `sha256` is the same for a folder and a zip of it.

    Raises
    ------
    Refused
        Anything that contracts.md does not allow, with file and field. No picture is decoded whose
        header does not fit the manifest, and no archive is unpacked beyond what the manifest needs.
    """
    with open_source(path) as source:
        return _frames_of(source)


def frames_from(manifest: bytes, files: Mapping[str, bytes]) -> Frames:
    """Read a capture set whose files are in memory, by the names of the manifest; see `read_capture_set`."""
    return _frames_of(MemorySource({MANIFEST: manifest, **files}))


def _frames_of(source: Source) -> Frames:
    text = source.read(MANIFEST, MAX_MANIFEST_BYTES)
    name = source.named(MANIFEST)
    manifest = parse_manifest(text, name)
    _check_frames(manifest, name)
    try:
        geometry = geometry_of(manifest.geometry.camera, manifest.geometry.screen, manifest.image.px)
    except ValueError as fault:
        raise Refused(f"{name}: {fault}") from None
    with ThreadPoolExecutor(2, "read") as pool:
        try:
            loaded = list(pool.map(lambda part: _load(source, part, manifest), manifest.frames))
        except Refused:
            pool.shutdown(cancel_futures=True)
            raise
    digest = hashlib.sha256(hashlib.sha256(text).digest())
    for _, frame_digest in loaded:
        digest.update(frame_digest)
    image, conditions = manifest.image, manifest.conditions
    return Frames(
        frames=tuple(frame for frame, _ in loaded),
        sensor=Sensor(
            width_px=image.px[0],
            height_px=image.px[1],
            bit_depth=image.bit_depth,
            black_level=image.black_level,
            white_level=image.white_level,
            adc_bits=image.bit_depth if image.adc_bits is None else image.adc_bits,
            frames_averaged=image.frames_averaged,
            mosaic=image.mosaic,
            electrons_full_scale=image.electrons_full_scale,
            read_noise_e=image.read_noise_e,
        ),
        geometry=geometry,
        sha256=digest.hexdigest(),
        pass_number=manifest.pass_number,
        panel=manifest.panel,
        part=manifest.part,
        recipe=manifest.recipe,
        coat_number=manifest.coat_number,
        view=manifest.view,
        view_to_panel_mm=manifest.view_to_panel_mm,
        captured_at=manifest.captured_at,
        station=manifest.station,
        operator=manifest.operator,
        simulated=manifest.simulated,
        camera_rgb_to_linear_srgb=None if manifest.color is None else manifest.color.camera_rgb_to_linear_srgb,
        conditions=Conditions()
        if conditions is None
        else Conditions(conditions.wiped, conditions.surface_temperature_c, conditions.film_um or {}),
        reference_set=manifest.reference_set,
        glass_n=manifest.glass_n,
        check_panel=manifest.check_panel,
    )


def _check_frames(manifest: Manifest, name: str) -> None:
    """Everything about the list of frames that a single frame cannot know."""
    _check_size(manifest, name)
    seen: dict[Hashable, int] = {}
    files: dict[str, Role] = {}
    for i, frame in enumerate(manifest.frames):
        where = f"{name}: frames[{i}]"
        # One dark may serve two groups; any other picture can only be one frame.
        if frame.file in files and not files[frame.file] is frame.role is Role.DARK:
            raise Refused(f'{where}.file: "{frame.file}" is named by two frames')
        files[frame.file] = frame.role
        key = _identity(frame)
        if key is not None and key in seen:
            raise Refused(f'{where}: "{frame.file}" has the same role and step as frames[{seen[key]}]: {_words(frame)}')
        seen[key] = i
        if manifest.image.mosaic is not None and frame.channels != 1:
            raise Refused(f"{where}.channels: expected 1 for a raw {manifest.image.mosaic} mosaic, got 3")
        if manifest.image.mosaic is None and frame.role in _COLOUR and frame.channels != 3:
            raise Refused(f"{where}.channels: expected 3 for a {frame.role} frame without image.mosaic, got 1")
    _check_groups(manifest, name)
    _check_series(manifest, name)
    wanted = _REFERENCE if manifest.reference_set else _MEASURED
    if not any(frame.role in wanted for frame in manifest.frames):
        raise Refused(f"{name}: frames: expected at least one of {', '.join(wanted)}")


def _check_size(manifest: Manifest, name: str) -> None:
    width, height = manifest.image.px
    planes = sum(frame.channels for frame in manifest.frames)
    needed = planes * width * height * manifest.image.bit_depth // 8
    if needed > MAX_SET_BYTES:
        raise Refused(
            f"{name}: image.px: {planes} planes of {width} x {height} px need {needed / 2**30:.1f} GiB, "
            f"at most {MAX_SET_BYTES / 2**30:g} GiB are read"
        )


def _identity(frame: FramePart) -> Hashable:
    """What may be there only once; None where a set may hold several alike."""
    match frame.role:
        case Role.FRINGE:
            return frame.role, frame.axis, frame.period_mm, frame.step
        case Role.SPOT:
            return frame.role, frame.group, frame.azimuth_deg, frame.polar_deg, frame.distance_mm
        case Role.CHART | Role.GRID | Role.GREY:
            return None
        case _ if frame.aspecular_deg is not None:
            return frame.role, frame.aspecular_deg
        case _:
            return frame.role, frame.group


def _words(frame: FramePart) -> str:
    if frame.role is Role.FRINGE:
        return f"axis {frame.axis}, period_mm {frame.period_mm:g}, step {frame.step}"
    if frame.aspecular_deg is not None:
        return f"{frame.role} at aspecular_deg {frame.aspecular_deg:g}"
    return f'{frame.role} of group "{frame.group}"'


def _check_groups(manifest: Manifest, name: str) -> None:
    darks = {frame.group: frame for frame in manifest.frames if frame.role is Role.DARK}
    for i, frame in enumerate(manifest.frames):
        dark = darks.get(frame.group)
        if dark is not None and dark.channels != frame.channels:
            raise Refused(
                f'{name}: frames[{i}].channels: "{frame.file}" has {frame.channels}, '
                f'the dark frame of its group "{dark.file}" has {dark.channels}'
            )


def _check_series(manifest: Manifest, name: str) -> None:
    series: dict[tuple[Axis, float], dict[int, int]] = defaultdict(dict)
    for i, frame in enumerate(manifest.frames):
        if frame.role is Role.FRINGE:
            assert frame.axis is not None
            assert frame.period_mm is not None
            assert frame.step is not None
            assert frame.steps is not None
            steps = series[frame.axis, frame.period_mm]
            if steps and frame.steps not in steps.values():
                raise Refused(
                    f"{name}: frames[{i}].steps: {frame.steps}, but {next(iter(steps.values()))} "
                    f"in other frames of axis {frame.axis}, period_mm {frame.period_mm:g}"
                )
            steps[frame.step] = frame.steps
    for (axis, period_mm), found in series.items():
        missing = sorted(set(range(next(iter(found.values())))) - set(found))
        if missing:
            raise Refused(f"{name}: frames: step {missing[0]} of axis {axis}, period_mm {period_mm:g} is missing")
    axes = {axis for axis, _ in series}
    if axes and axes != set(AXES):
        raise Refused(f"{name}: frames: fringe frames of axis {(set(AXES) - axes).pop()} are missing")


def _load(source: Source, part: FramePart, manifest: Manifest) -> tuple[Frame, bytes]:
    """One frame and the hash of its file."""
    name = source.named(part.file)
    image = manifest.image
    raw_bytes = image.px[0] * image.px[1] * part.channels * image.bit_depth // 8
    # Room for what a compressor cannot shrink and for notes of the maker, not for more.
    data = source.read(part.file, raw_bytes + raw_bytes // 4 + 2**24)
    header = read_header(data, name)
    expected: dict[str, tuple[int | tuple[int, int], int | tuple[int, int]]] = {
        "image.px": (image.px, (header.width_px, header.height_px)),
        "image.bit_depth": (image.bit_depth, header.bit_depth),
        "channels": (part.channels, header.channels),
    }
    for field, (wanted, found) in expected.items():
        if wanted != found:
            raise Refused(f"{name}: {field}: the manifest says {_size(wanted)}, the picture has {_size(found)}")
    pixels = decode_picture(data, header, name)
    _check_saturation(pixels, part, manifest, name)
    frame = Frame(
        file=part.file,
        role=part.role,
        pixels=pixels,
        exposure_ms=part.exposure_ms,
        group=part.group,
        axis=part.axis,
        period_mm=part.period_mm,
        step=part.step,
        steps=part.steps,
        phase_deg=part.phase_deg,
        azimuth_deg=part.azimuth_deg,
        polar_deg=part.polar_deg,
        distance_mm=part.distance_mm,
        reflectance=part.reflectance,
        board=None if part.board is None else Board(**part.board.model_dump()),
        level=part.level,
        aspecular_deg=part.aspecular_deg,
    )
    return frame, hashlib.sha256(data).digest()


def _size(value: int | tuple[int, int]) -> str:
    return f"{value[0]} x {value[1]}" if isinstance(value, tuple) else str(value)


def _check_saturation(pixels: Pixels, part: FramePart, manifest: Manifest, name: str) -> None:
    limit = MAX_SATURATED.get(part.role)
    if limit is None:
        return
    full = pixels >= manifest.image.white_level
    if full.ndim == 3:
        full = full[..., 0] | full[..., 1] | full[..., 2]
    share = np.count_nonzero(full) / full.size
    if share > limit:
        raise Refused(
            f"{name}: image.white_level: {100 * share:.1f} % of the pixels of this {part.role} frame are saturated, "
            f"at most {100 * limit:g} % are allowed"
        )
