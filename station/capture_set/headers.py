"""What a PNG or TIFF says about itself, read from its header before a single pixel is decoded."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Literal

from inspection.refused import Refused

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

# TIFF 6.0, section 8 and table of field types: size and struct code of SHORT, LONG and BYTE.
_TIFF_INTEGERS = {1: (1, "B"), 3: (2, "H"), 4: (4, "I")}
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_STRIP_OFFSETS, _ORIENTATION, _SAMPLES, _STRIP_COUNTS, _PLANAR = 273, 274, 277, 279, 284
_TILE_OFFSETS, _TILE_COUNTS, _SAMPLE_FORMAT = 324, 325, 339
_TIFF_DEFAULTS = {
    _BITS: (1,),
    _COMPRESSION: (1,),
    _FILL_ORDER: (1,),
    _ORIENTATION: (1,),
    _SAMPLES: (1,),
    _PLANAR: (1,),
    _SAMPLE_FORMAT: (1,),
}
_TIFF_WANTED = frozenset(_TIFF_DEFAULTS) | {
    _WIDTH,
    _HEIGHT,
    _PHOTOMETRIC,
    _STRIP_OFFSETS,
    _STRIP_COUNTS,
    _TILE_OFFSETS,
    _TILE_COUNTS,
}


@dataclass(frozen=True, slots=True)
class Header:
    """Size and kind of a picture.

    `plain_at` is the offset of the pixels where they stand uncompressed in one piece, row by row,
    in the byte order `byte_order` (``<`` or ``>``); else None and a decoder has to be asked.
    """

    width_px: int
    height_px: int
    bit_depth: int
    channels: int
    plain_at: int | None = None
    byte_order: Literal["<", ">"] = "<"


def read_header(data: bytes, name: str) -> Header:
    """Size and kind of a PNG or TIFF; also that the file is whole.

    Raises
    ------
    Refused
        Another format, a truncated or damaged file, or a kind of picture that holds no raw light
        (palette, inverted grey, floats, rotated, more than one page).
    """
    if data.startswith(_PNG_START):
        return _png(data, name)
    if data[:4] in (b"II*\x00", b"MM\x00*"):
        try:
            return _tiff(data, name)
        except struct.error:
            raise Refused(f"{name}: file: the TIFF is truncated or damaged") from None
    raise Refused(f"{name}: file: expected a PNG or TIFF picture")


def _png(data: bytes, name: str) -> Header:
    """Walk the chunks (PNG specification, section 5): each must be whole and match its checksum."""
    view, at = memoryview(data), len(_PNG_START)
    kinds: list[bytes] = []
    while not kinds or kinds[-1] != b"IEND":
        if at + 12 > len(data):
            raise Refused(f"{name}: file: the PNG is truncated")
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            raise Refused(f"{name}: file: the PNG is truncated")
        if zlib.crc32(view[at + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise Refused(f"{name}: file: the PNG is damaged (checksum)")
        kinds.append(data[at + 4 : at + 8])
        at = end + 4
    if kinds[0] != b"IHDR" or struct.unpack_from(">I", data, 8)[0] != 13 or b"IDAT" not in kinds:
        raise Refused(f"{name}: file: the PNG is damaged (no header or no pixels)")
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    if colour == 3 or b"tRNS" in kinds:
        raise Refused(f"{name}: file: expected raw grey or RGB, found a PNG with a palette or transparency")
    if b"acTL" in kinds:
        raise Refused(f"{name}: file: expected one picture, found an animated PNG")
    return Header(width, height, bits, _PNG_CHANNELS.get(colour, 0))


def _tiff(data: bytes, name: str) -> Header:
    order: Literal["<", ">"] = "<" if data[0] == ord("I") else ">"
    (directory,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, directory)
    tags: dict[int, tuple[int, ...]] = dict(_TIFF_DEFAULTS)
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind, n = struct.unpack_from(f"{order}HHI", data, entry)
        if tag in _TIFF_WANTED and kind in _TIFF_INTEGERS and 0 < n * _TIFF_INTEGERS[kind][0] <= len(data):
            size, code = _TIFF_INTEGERS[kind]
            at = entry + 8 if n * size <= 4 else struct.unpack_from(f"{order}I", data, entry + 8)[0]
            tags[tag] = struct.unpack_from(f"{order}{n}{code}", data, at)
    if struct.unpack_from(f"{order}I", data, directory + 2 + 12 * count)[0] != 0:
        raise Refused(f"{name}: file: expected one picture, found a TIFF of several pages")
    tiled = _TILE_OFFSETS in tags
    offsets, counts = (
        tags.get(tag, ()) for tag in ((_TILE_OFFSETS, _TILE_COUNTS) if tiled else (_STRIP_OFFSETS, _STRIP_COUNTS))
    )
    if _WIDTH not in tags or _HEIGHT not in tags or not offsets or len(offsets) != len(counts):
        raise Refused(f"{name}: file: the TIFF is damaged (size or strips are missing)")
    if any(offset + length > len(data) for offset, length in zip(offsets, counts, strict=True)):
        raise Refused(f"{name}: file: the TIFF is truncated")
    _refuse_odd_kinds(tags, name)
    width, height, bits, channels = tags[_WIDTH][0], tags[_HEIGHT][0], tags[_BITS][0], tags[_SAMPLES][0]
    in_one_piece = all(a + n == b for a, n, b in zip(offsets, counts, offsets[1:], strict=False))
    plain = (
        tags[_COMPRESSION][0] == 1
        and tags[_FILL_ORDER][0] == 1
        and (tags[_PLANAR][0] == 1 or channels == 1)
        and not tiled
        and in_one_piece
        and sum(counts) * 8 == width * height * channels * bits
    )
    return Header(width, height, bits, channels, offsets[0] if plain else None, order)


def _refuse_odd_kinds(tags: dict[int, tuple[int, ...]], name: str) -> None:
    if set(tags[_SAMPLE_FORMAT]) != {1} or len(set(tags[_BITS])) != 1:
        raise Refused(f"{name}: file: expected unsigned whole numbers in the TIFF, all of one bit depth")
    if tags.get(_PHOTOMETRIC, (1,))[0] != (1 if tags[_SAMPLES][0] == 1 else 2):
        raise Refused(f"{name}: file: expected a TIFF in grey with black as 0, or in RGB")
    if tags[_ORIENTATION][0] != 1:
        raise Refused(f"{name}: file: expected a TIFF that is stored upright")
