"""Pictures to and from bytes. Outside this package arrays are grey or RGB, never BGR."""

from __future__ import annotations

import struct
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from inspection.frames import Frame
from inspection.refused import Refused
from station.capture_set.headers import Header

Pixels = NDArray[np.uint8] | NDArray[np.uint16]

# OpenCV would log broken files to stderr in its own words; they are refused in ours.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

# Twice as fast as OpenCV's defaults and smaller on noisy frames.
_QUICK_PNG = (cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP)


def decode_picture(data: bytes, header: Header, name: str) -> Pixels:
    """Decode a picture whose header has been read and accepted.

    Parameters
    ----------
    data : bytes
        The whole file.
    header : Header
        From `headers.read_header`; 8 or 16 bits, 1 or 3 channels.
    name : str
        The file's name in the refusal.

    Returns
    -------
    ndarray of uint8 or uint16, (rows, cols) or (rows, cols, 3) in RGB order
        Read-only; a view of `data` where the pixels stand there as they are.

    Raises
    ------
    Refused
        The pixels do not decode, or are not what the header says.
    """
    shape: tuple[int, ...] = (header.height_px, header.width_px)
    if header.channels > 1:
        shape = (*shape, header.channels)
    dtype = np.dtype(f"u{header.bit_depth // 8}")
    if header.plain_at is not None:
        count = header.height_px * header.width_px * header.channels
        stored = np.frombuffer(data, dtype.newbyteorder(header.byte_order), count, header.plain_at)
        # A copy only where the machine could not use the bytes as they are.
        pixels: Pixels = np.require(stored.reshape(shape), dtype, "A")
    else:
        pixels = _decoded(data, name)
        if pixels.shape != shape or pixels.dtype != dtype:
            raise Refused(f"{name}: file: the pixels are not what the header says")
        if header.channels == 3:
            cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels)
    pixels.flags.writeable = False
    return pixels


def decode_frame(data: bytes) -> Pixels:
    """Pixels of a frame that `encode_frame` wrote: (rows, cols), or (rows, cols, 3) in the order red, green, blue.

    Raises
    ------
    Refused
        They are damaged.
    """
    pixels = _decoded(data, "frame")
    return pixels if pixels.ndim == 2 else cast("Pixels", cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))


def _decoded(data: bytes, name: str) -> Pixels:
    try:
        pixels = cast("Pixels | None", cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED))
    except cv2.error:
        pixels = None
    if pixels is None:
        raise Refused(f"{name}: file: the pixels are damaged")
    return pixels


def encode_png(array: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Encode grey, RGB or RGBA (8 or 16 bit) as PNG, quickly.

    Raises
    ------
    ValueError
        Another shape or kind of number: a fault of the program.
    """
    if array.dtype not in (np.uint8, np.uint16) or not (array.ndim == 2 or array.shape[2:] in ((3,), (4,))):
        raise ValueError(f"no PNG of {array.dtype} {array.shape}")
    if array.ndim == 3:
        swap = cv2.COLOR_RGB2BGR if array.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        done, encoded = cv2.imencode(".png", cv2.cvtColor(array, swap), _QUICK_PNG)
    else:
        done, encoded = cv2.imencode(".png", array, _QUICK_PNG)
    if not done:
        raise RuntimeError("OpenCV could not encode a PNG")
    return encoded.tobytes()


def encode_frame(frame: Frame) -> bytes:
    """Encode a frame's pixels as baseline TIFF, uncompressed in one strip (TIFF 6.0, sections 3 to 6)."""
    pixels = np.ascontiguousarray(frame.pixels, frame.pixels.dtype.newbyteorder("<"))
    rows, cols = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    bits = pixels.itemsize * 8
    short, long = 3, 4
    start = 8 + 2 + 10 * 12 + 4
    # Three bit depths do not fit in the entry: they stand behind the directory; the pixels stay aligned.
    depths = struct.pack("<4H", *(channels * (bits,)), *((4 - channels) * (0,)))
    entries = (
        (256, long, 1, cols),
        (257, long, 1, rows),
        (258, short, channels, bits if channels == 1 else start),
        (259, short, 1, 1),
        (262, short, 1, 1 if channels == 1 else 2),
        (273, long, 1, start + len(depths) + 2),
        (277, short, 1, channels),
        (278, long, 1, rows),
        (279, long, 1, pixels.nbytes),
        (284, short, 1, 1),
    )
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + directory + struct.pack("<I", 0) + depths + b"\0\0"
    return b"".join((head, pixels.data))
