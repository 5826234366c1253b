"""The files of an inspection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Camera, Frames
from station.capture_set import encode_frame, encode_png, manifest_of
from station.store.blobs import Pieces, array_pieces
from station.store.picture import panel_picture


def contents(frames: Frames, maps: Mapping[str, NDArray[np.float32]], camera: Camera) -> Iterator[Pieces]:
    """Every file of an inspection, one at a time: manifest, frames, maps, picture. `camera`: as the rig has it."""
    yield (manifest_of(frames),)
    for frame in frames.frames:
        yield (encode_frame(frame),)
    for values in maps.values():
        yield array_pieces(values)
    picture = panel_picture(frames, maps, camera)
    if picture is not None:
        yield (encode_png(picture),)
