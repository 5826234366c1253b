"""A QR code as a drawing: a path of squares, one unit each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import zxingcpp


@dataclass(frozen=True, slots=True)
class QrCode:
    """The dark squares as an SVG path; `size` counts squares along a side, with the quiet zone around the code."""

    path: str
    size: int


def qr_code(text: str) -> QrCode:
    """Draw a text; a quarter of the code may be dirty or torn and it can still be read (level Q)."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="Q")
    dark = np.asarray(code.to_image()) < 128
    edges = np.diff(np.pad(dark, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    runs = zip(np.argwhere(edges == 1).tolist(), np.argwhere(edges == -1).tolist(), strict=True)
    path = "".join(f"M{start} {row}h{end - start}v1h{start - end}z" for (row, start), (_, end) in runs)
    return QrCode(path, dark.shape[0])
