"""The hash of a set that was never in a folder."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from inspection.frames import Frames
from station.capture_set.pictures import encode_frame
from station.capture_set.writing import manifest_of


def sealed(frames: Frames) -> Frames:
    """The same frames with the hash that they have when they are read from a folder of TIFF files.

    Parameters
    ----------
    frames : Frames
        Of files with the suffix ``.tif``.
    """
    digest = hashlib.sha256(hashlib.sha256(manifest_of(frames)).digest())
    with ThreadPoolExecutor(2, "seal") as pool:
        for one in pool.map(lambda frame: hashlib.sha256(encode_frame(frame)).digest(), frames.frames):
            digest.update(one)
    return replace(frames, sha256=digest.hexdigest())
