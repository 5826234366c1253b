"""Kinds of bad input, each with what the refusal must name: the file, and the field or the fault."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from small_sets import COLS, ROWS, edit_manifest, good_frames, pixels, write_good_set, zip_of

from station.capture_set import encode_frame, encode_png


@dataclass(frozen=True)
class BadSet:
    """`spoil` turns the good folder into a bad set and returns the path to read."""

    name: str
    spoil: Callable[[Path], Path]
    file: str
    field: str


def _edited(name: str, field: str, edit: Callable[[dict[str, Any]], object], file: str = "capture.json") -> BadSet:
    def spoil(folder: Path) -> Path:
        edit_manifest(folder, edit)
        return folder

    return BadSet(name, spoil, file, field)


def _set(name: str, place: str, value: object, field: str | None = None, file: str = "capture.json") -> BadSet:
    """One value replaced: `place` is a dotted path into the manifest."""

    def edit(tree: Any) -> None:
        *above, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        for part in above:
            tree = tree[part]
        tree[last] = value

    shown = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in place.split(".")).lstrip(".")
    return _edited(name, field or shown, edit, file)


def _without(place: str) -> BadSet:
    def edit(tree: Any) -> None:
        # Where the camera stands follows from angle and distance, if they are given.
        tree["geometry"]["camera"].pop("angle_deg")
        *above, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        for part in above:
            tree = tree[part]
        del tree[last]

    return _edited(f"without {place}", place.rsplit(".", 1)[-1], edit)


def _text(name: str, field: str, change: Callable[[str], str]) -> BadSet:
    """The text of the manifest changed, for what no JSON writer would write."""

    def spoil(folder: Path) -> Path:
        path = folder / "capture.json"
        path.write_bytes(change(path.read_text(encoding="utf-8")).encode("utf-8", "surrogatepass"))
        return folder

    return BadSet(name, spoil, "capture.json", field)


def _picture(name: str, file: str, field: str, content: Callable[[Path], bytes]) -> BadSet:
    """One picture replaced by other bytes."""

    def spoil(folder: Path) -> Path:
        path = folder / file
        path.write_bytes(content(path))
        return folder

    return BadSet(name, spoil, file, field)


def _zipped(name: str, file: str, field: str, change: Callable[[zipfile.ZipFile], object]) -> BadSet:
    """A zip of the good set, with more written to it."""

    def spoil(folder: Path) -> Path:
        archive = zip_of(folder, folder.parent / "set.zip")
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as out:
            change(out)
        return archive

    return BadSet(name, spoil, file, field)


def png_header(width: int, height: int, bits: int = 16, colour: int = 0) -> bytes:
    """A PNG that claims any size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pixels_of_nothing = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels_of_nothing + chunk(b"IEND", b"")


def tiff_header(width: int, height: int) -> bytes:
    """The head of a TIFF of our own, with another size."""
    head = bytearray(encode_frame(good_frames().frames[0]))
    struct.pack_into("<I", head, 10 + 8, width)
    struct.pack_into("<I", head, 10 + 12 + 8, height)
    return bytes(head)


def _full(share: float, channels: int = 1) -> Any:
    values = pixels(3, channels).copy()
    values.reshape(-1, channels)[: int(share * ROWS * COLS) + 1] = 65535
    return values


def _link_out(folder: Path) -> Path:
    outside = folder.parent / "outside.png"
    (folder / "white.png").rename(outside)
    (folder / "white.png").symlink_to(outside)
    return folder


def _pipe(folder: Path) -> Path:
    (folder / "white.png").unlink()
    os.mkfifo(folder / "white.png")
    return folder


def _inf_tif(path: Path) -> bytes:
    done, encoded = cv2.imencode(".tiff", np.full((ROWS, COLS), np.inf, np.float32))
    assert done
    return encoded.tobytes()


def _link_entry(out: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("link.png")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    out.writestr(entry, "/etc/hostname")


def _remove(folder: Path, file: str) -> Path:
    (folder / file).unlink()
    return folder


def _oversized_zip(folder: Path) -> Path:
    """A picture that unpacks to 64 MiB of zeros."""
    (folder / "white.png").write_bytes(b"\0" * 2**26)
    return zip_of(folder, folder.parent / "bomb.zip")


def _lying_zip(folder: Path) -> Path:
    """The central directory and local header claim less than is packed."""
    archive = zip_of(folder, folder.parent / "liar.zip")
    data = bytearray(archive.read_bytes())
    for mark, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = data.find(mark)
        while at >= 0:
            if data[at + name_at : at + name_at + 9] == b"white.png":
                struct.pack_into("<I", data, at + size_at, 100)
            at = data.find(mark, at + 4)
    archive.write_bytes(data)
    return archive


def _two_tops(folder: Path) -> Path:
    archive = zip_of(folder, folder.parent / "two.zip", "a/")
    with zipfile.ZipFile(archive, "a") as out:
        out.write(folder / "capture.json", "b/capture.json")
    return archive


def _not_a_zip(folder: Path) -> Path:
    path = folder.parent / "set.zip"
    path.write_bytes(b"PK\x03\x04 nothing")
    return path


def _twice(tree: dict[str, Any], i: int, **changes: object) -> None:
    tree["frames"].append(tree["frames"][i] | changes)


def _drop(tree: dict[str, Any], test: Callable[[dict[str, Any]], bool]) -> None:
    tree["frames"] = [frame for frame in tree["frames"] if not test(frame)]


SINGULAR = [[0.5, 0.0, 0.1], [1.0, 0.0, 0.2], [0.0, 0.0, 1.0]]
HORIZON = [[0.5, 0.0, 0.1], [0.0, 0.5, 0.1], [0.0, 0.1, -1.0]]

BOARD = {"squares": [9, 7], "square_mm": 10.0, "marker_mm": 6.0, "dictionary": "DICT_4X4_50"}
BAD_SETS: tuple[BadSet, ...] = (
    # The manifest as a text
    BadSet("no folder", lambda f: f / "nowhere", "nowhere", "does not exist"),
    BadSet("no manifest", lambda f: _remove(f, "capture.json"), "capture.json", "does not exist"),
    BadSet("not a zip", _not_a_zip, "set.zip", "zip"),
    _text("no JSON", "JSON", lambda text: text[:-40]),
    _text("not UTF-8", "UTF-8", lambda text: text.replace("hood", "\udcff")),
    _text("a list", "object", lambda text: "[1, 2]"),
    _text("too deep", "JSON", lambda text: '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    _text("deep enough for one reader only", "JSON", lambda text: text[:-1] + ', "a": ' + "[" * 500 + "]" * 500 + "}"),
    _text("too large", "bytes", lambda text: text + " " * (5 * 2**20)),
    _text("NaN literal", "NaN", lambda text: text.replace("38.5", "NaN", 1)),
    _text("Infinity literal", "Infinity", lambda text: text.replace("38.5", "Infinity", 1)),
    _text("infinite by its exponent", "exposure_ms", lambda text: text.replace("38.5", "1e999", 1)),
    _text("endless digits", "JSON", lambda text: text.replace("38.5", "9" * 5000, 1)),
    _text("field twice", "pass_number", lambda text: text.replace("{", '{"pass_number": 1,', 1)),
    # Fields of the manifest
    _set("another format number", "format", "paint-capture/2"),
    _without("format"),
    _without("pass_number"),
    _without("image"),
    _without("geometry"),
    _without("frames"),
    _set("no frames", "frames", []),
    _set("negative pass", "pass_number", -1),
    _set("half a pass", "pass_number", 1.5),
    _set("pass as a truth value", "pass_number", True),
    _set("coat 0", "coat_number", 0),
    _set("time without offset", "captured_at", "2026-11-22T09:30:00"),
    _set("no time", "captured_at", "yesterday"),
    _set("escape sequence in a label", "panel", "AM\u001b[2J"),
    _set("glass without refraction", "glass_n", 0.9),
    _set("glass as a text", "glass_n", "1.567"),
    _set("film in words, zone with an escape sequence", "conditions.film_um", {"\u001b[2J": "thick"}, "film_um"),
    # Pixels and levels
    _without("image.px"),
    _without("image.white_level"),
    _set("not linear", "image.linear", False),
    _set("swapped levels", "image.black_level", 65530, "image"),
    _set("white beyond the bit depth", "image.white_level", 70000, "image"),
    _set("text for a level", "image.white_level", "65520"),
    _set("truth value for a level", "image.black_level", True),
    _set("10 bit", "image.bit_depth", 10),
    _set("wrong bit depth", "image.bit_depth", 8, "image"),
    _set("unknown mosaic", "image.mosaic", "RGBW"),
    _set("mosaic with colour frames", "image.mosaic", "RGGB", "channels"),
    _set("no averaging", "image.frames_averaged", 0),
    _set("manifest claims gigapixels", "image.px", [30000, 30000], "image.px"),
    _set("wrong size", "image.px", [COLS + 1, ROWS], "image.px", "fringe_x_12mm_0.png"),
    # Geometry
    _set("singular map", "geometry.camera.pixel_to_station_mm", SINGULAR),
    _set("map of zeros", "geometry.camera.pixel_to_station_mm", [[0.0] * 3] * 3),
    _set("perspective of a shift camera", "geometry.camera.pixel_to_station_mm", HORIZON, "pixel_to_station_mm"),
    _set("2 x 3 map", "geometry.camera.pixel_to_station_mm", SINGULAR[:2]),
    _set("unknown camera model", "geometry.camera.model", "fisheye"),
    _set("tilted without focal length", "geometry.camera.model", "tilted", "focal_px"),
    _set("camera behind the panel", "geometry.camera.position", [0.0, -200.0, -500.0]),
    _set("text for a position", "geometry.camera.position", [0.0, "-200", 500.0]),
    _without("geometry.camera.position"),
    _set("axis of length 2", "geometry.screen.u_axis", [2.0, 0.0, 0.0]),
    _set("parallel axes", "geometry.screen.v_axis", [1.0, 0.0, 0.0], "geometry.screen"),
    _set("screen without width", "geometry.screen.width_mm", 0.0),
    # Frames
    _set("unknown role", "frames.0.role", "flash"),
    _set(
        "plate without a size",
        "frames.0.board",
        {"squares": [9, 7], "marker_mm": 6.0, "dictionary": "DICT_4X4_50"},
        "frames[0].board.square_mm",
    ),
    _set("plate of unknown markers", "frames.0.board", BOARD | {"dictionary": "DICT_9X9_50"}, "board.dictionary"),
    _set("markers larger than squares", "frames.0.board", BOARD | {"marker_mm": 10.0}, "marker_mm"),
    _set("more markers than there are", "frames.0.board", BOARD | {"squares": [19, 17]}, "squares"),
    _set("plate below the panel", "frames.0.board", BOARD | {"height_mm": -1.0}, "board.height_mm"),
    _set("grey without a level", "frames.0.role", "grey", "level"),
    _set("grey brighter than white", "frames.0.level", 1.5),
    _set("aspecular fringe", "frames.0.aspecular_deg", 15.0, "aspecular_deg"),
    _set("light in the mirror direction", "frames.14.aspecular_deg", 0.0),
    _edited(
        "one aspecular angle twice",
        "aspecular_deg 15",
        lambda t: (
            t["frames"][14].update(aspecular_deg=15.0),
            _twice(t, 14, file="other.png", group="other"),
        ),
    ),
    _set("no exposure", "frames.0.exposure_ms", 0.0),
    _set("text for an exposure", "frames.0.exposure_ms", "19.7"),
    _set("period 0", "frames.0.period_mm", 0.0),
    _set("two steps", "frames.0.steps", 2),
    _set("step beyond the last", "frames.0.step", 3, "step"),
    _without("frames.0.axis"),
    _set("two channels", "frames.0.channels", 2),
    _set("wrong channel count", "frames.12.channels", 3, "channels", "white.png"),
    _edited("grey diffuse", "channels", lambda t: t["frames"][14].pop("channels")),
    _set("dark of other channels", "frames.15.channels", 1, "channels"),
    _edited("missing step", "step 1 of axis x", lambda t: t["frames"].pop(1)),
    _edited("doubled step", "frames[17]", lambda t: _twice(t, 1, file="white2.png")),
    _edited("two white frames", "white", lambda t: _twice(t, 12, file="white2.png")),
    _edited("two dark frames", "dark", lambda t: _twice(t, 13, file="dark2.png")),
    _edited("one picture for two frames", "frames[17].file", lambda t: _twice(t, 12, group="other")),
    _edited("inconsistent steps", "steps", lambda t: t["frames"][2].update(steps=4)),
    _edited("one axis", "axis y", lambda t: _drop(t, lambda f: f.get("axis") == "y")),
    _edited("darks only", "fringe", lambda t: _drop(t, lambda f: f["role"] != "dark")),
    _edited(
        "reference without reference frames",
        "diffuse_ref",
        lambda t: (t.update(reference_set=True), _drop(t, lambda f: f["role"] == "fringe")),
    ),
    _edited(
        "tile brighter than white",
        "reflectance",
        lambda t: t["frames"][14].update(role="diffuse_ref", reference=1.3, reflectance=1.3),
    ),
    _edited("tile without reflectance", "reflectance", lambda t: t["frames"][14].update(role="diffuse_ref")),
    # Files
    _set("absolute path", "frames.12.file", "/etc/hostname"),
    _set("path up", "frames.12.file", "../good/white.png"),
    _set("path up in the middle", "frames.12.file", "a/../../white.png"),
    _set("backslashes", "frames.12.file", "..\\white.png"),
    _set("drive", "frames.12.file", "C:/white.png"),
    _set("folder for a picture", "frames.12.file", ".", "file"),
    BadSet("missing picture", lambda f: _remove(f, "white.png"), "white.png", "does not exist"),
    BadSet("link out of the folder", _link_out, "white.png", "link"),
    BadSet("pipe", _pipe, "white.png", "regular file"),
    _picture("empty picture", "white.png", "PNG or TIFF", lambda p: b""),
    _picture("text for a picture", "white.png", "PNG or TIFF", lambda p: b"not a picture at all"),
    _picture("truncated PNG", "white.png", "truncated", lambda p: p.read_bytes()[:-30]),
    _picture("half a PNG", "white.png", "truncated", lambda p: p.read_bytes()[:200]),
    _picture("flipped bit", "white.png", "damaged", lambda p: p.read_bytes()[:200] + b"\x55" + p.read_bytes()[201:]),
    _picture("60,000 px PNG", "white.png", "image.px", lambda p: png_header(60_000, 60_000)),
    _picture("60,000 px TIFF", "white.png", "image.px", lambda p: tiff_header(60_000, 60_000)),
    _picture("truncated TIFF", "white.png", "truncated", lambda p: encode_frame(good_frames().frames[0])[:-30]),
    _picture("head of a TIFF", "white.png", "truncated", lambda p: encode_frame(good_frames().frames[0])[:30]),
    _picture("TIFF of floats", "white.png", "unsigned", _inf_tif),
    _picture("palette", "white.png", "palette", lambda p: png_header(COLS, ROWS, 8, 3)),
    _picture("8 bit picture", "white.png", "image.bit_depth", lambda p: encode_png(pixels(0, 1, np.uint8))),
    _picture("colour picture", "white.png", "channels", lambda p: encode_png(pixels(0, 3))),
    _picture("grey picture", "diffuse.png", "channels", lambda p: encode_png(pixels(0))),
    _picture("picture with transparency", "diffuse.png", "channels", lambda p: encode_png(pixels(0, 4))),
    # Light
    _picture("saturated fringe", "fringe_x_12mm_1.png", "white_level", lambda p: encode_png(_full(0.012))),
    _picture("saturated white", "white.png", "white_level", lambda p: encode_png(_full(0.5))),
    _picture("saturated diffuse", "diffuse.png", "white_level", lambda p: encode_png(_full(0.012, 3))),
    _picture("saturated spot", "spot_090.png", "white_level", lambda p: encode_png(_full(0.11))),
    # Archives
    _zipped("path out of the archive", "set.zip", "../evil.png", lambda z: z.writestr("../evil.png", b"x")),
    _zipped("absolute path in the archive", "set.zip", "/evil.png", lambda z: z.writestr("/evil.png", b"x")),
    _zipped("link in the archive", "set.zip", "link.png", _link_entry),
    _zipped("entry without a name", "set.zip", "no name", lambda z: z.writestr(".", b"x")),
    _zipped("too many entries", "set.zip", "entries", lambda z: [z.writestr(f"{i}", b"") for i in range(4100)]),
    BadSet("archive of two sets", _two_tops, "two.zip", "capture.json"),
    BadSet("archive bomb", _oversized_zip, "white.png", "bytes"),
    BadSet("archive that lies", _lying_zip, "white.png", "archive"),
)


def make_bad(case: BadSet, folder: Path) -> Path:
    """Write the good set and spoil it; returns the path to read."""
    return case.spoil(write_good_set(folder / "good"))
