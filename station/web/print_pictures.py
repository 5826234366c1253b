"""Pictures of an inspection as addresses that hold the picture itself: a printed sheet fetches nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from station.capture_set import encode_png
from station.store.picture import shrunk
from station.store.reader import Reader
from station.web.scales import colours_of, false_colours, scale_of

Row = Mapping[str, Any]

#: Longest side of a printed map: 60 mm at 300 dots per inch.
PRINTED_PX: Final = 720


def _as_address(png: bytes) -> str:
    """A picture as a ``data:`` address."""
    return f"data:image/png;base64,{b64encode(png).decode('ascii')}"


def panel_picture(reader: Reader, row: Row) -> str:
    """The panel as a person sees it."""
    return _as_address(reader.blob(row["picture_sha256"]))


def map_picture(reader: Reader, row: Row, name: str) -> str:
    """A map in the colours and on the scale that the inspection's page shows it with, on white."""
    described = next(one for one in row["maps"] if one["name"] == name)
    values = shrunk(np.asarray(reader.blob_array(described["sha256"])), PRINTED_PX)
    low, high = scale_of(name, described["low"], described["high"])
    return _as_address(encode_png(_on_white(false_colours(values, low, high, colours_of(name)))))


def scale_picture(name: str) -> str:
    """The colours of a map, low at the left."""
    return _as_address(encode_png(colours_of(name)[None]))


def _on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What was not measured is paper."""
    return np.where(rgba[..., 3:] > 0, rgba[..., :3], np.uint8(255))
