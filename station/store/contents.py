"""The files of an inspection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from inspection.frames import Camera, Frames
from station.capture_set import encode_frame, encode_png, manifest_of
from station.store.blobs import Pieces, array_pieces
from station.store.picture import panel_picture


def contents(captures: Sequence[Frames], maps: Mapping[str, NDArray[np.float32]], camera: Camera) -> Iterator[Pieces]:
    """Every file of an inspection, one at a time: of each capture manifest and frames; then maps, picture.

    `camera`: as the rig has it. Several captures are views of one part: its picture is made of the maps alone.
    """
    for frames in captures:
        yield (manifest_of(frames),)
        for frame in frames.frames:
            yield (encode_frame(frame),)
    for values in maps.values():
        yield array_pieces(values)
    picture = panel_picture(captures[0] if len(captures) == 1 else None, maps, camera)
    if picture is not None:
        yield (encode_png(picture),)
