"""Frames of stored captures: as the camera gave them, and as pictures to look at."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from fastapi import APIRouter, HTTPException, Path, Request, Response

from station.capture_set import decode_frame, encode_png
from station.store.originals import StoredFrame
from station.store.picture import shrunk
from station.web.api.inspections import Version
from station.web.deps import StoreDep, answers, content_response

router = APIRouter(prefix="/captures/{sha256}/frames", tags=["captures"])

Position = Annotated[int, Path(ge=0, le=9999, description="in the order of the manifest, from 0 on")]
#: Longest side of a picture to look at; the file has every pixel.
SHOWN_PX = 1280


@router.get(
    "/{position}.tif",
    summary="A frame as it was captured: linear, lossless (TIFF)",
    response_class=Response,
    responses=answers("image/tiff"),
)
def frame_tif(request: Request, sha256: str, position: Position, store: StoreDep, v: Version = None) -> Response:
    stored = _stored(store, sha256, position)
    return content_response(request, stored.sha256, "image/tiff", v, lambda: stored.tiff)


@router.get(
    "/{position}.png",
    summary="A frame as a picture to look at: from black to white, brightened like a photograph",
    response_class=Response,
    responses=answers("image/png"),
)
def frame_png(request: Request, sha256: str, position: Position, store: StoreDep, v: Version = None) -> Response:
    stored = _stored(store, sha256, position)
    return content_response(request, f"{stored.sha256}-picture", "image/png", v, lambda: _picture(stored))


def _stored(store: StoreDep, sha256: str, position: int) -> StoredFrame:
    with store.reader() as reader:
        stored = reader.stored_frame(sha256, position)
    if stored is None:
        raise HTTPException(404, f'capture "{sha256:.64}" has no frame {position}')
    return stored


def _picture(stored: StoredFrame) -> bytes:
    light = (decode_frame(stored.tiff).astype(np.float32) - stored.black_level) / (
        stored.white_level - stored.black_level
    )
    light = np.clip(shrunk(light, SHOWN_PX), 0, 1)
    # The sRGB curve (IEC 61966-2-1): half the light looks a good deal brighter than half.
    drawn = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4, dtype=np.float32) - 0.055)
    return encode_png(np.rint(255 * drawn).astype(np.uint8))
