"""Setting up a station: one look at how camera, panel and screen stand, and a card on the pattern screen."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Annotated, Protocol, cast

import cv2
import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from station.access.rights import Right
from station.capture.alignment import Alignment
from station.capture_set import encode_png
from station.web.deps import NO_CAMERA
from station.web.needs import needs

router = APIRouter(prefix="/alignment", tags=["set-up"])

#: A picture to look at need not be larger.
SHOWN_PX = 800


class Aligner(Protocol):
    """Whoever owns the hardware."""

    def look(self) -> Alignment:
        """Look once; `Busy` where the hardware is taking a panel."""

    def show_card(self) -> None:
        """Put the set-up card on the pattern screen."""


def _aligner(request: Request) -> Aligner:
    aligner = cast(Aligner | None, request.app.state.aligner)
    if aligner is None:
        raise HTTPException(409, NO_CAMERA)
    return aligner


AlignerDep = Annotated[Aligner, Depends(_aligner)]


@router.post("", summary="Look once at the mirrored screen", dependencies=[needs(Right.CALIBRATE)])
def look(aligner: AlignerDep) -> Response:
    """Edges of the seen field, centre of the reflection, focus score, and the picture (PNG in base64)."""
    found = aligner.look()
    picture = found.picture
    factor = SHOWN_PX / max(picture.shape)
    if factor < 1:
        smaller = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        picture = np.asarray(smaller, np.uint8)
    values = {name: value for name, value in asdict(found).items() if name != "picture"}
    png = base64.b64encode(encode_png(picture)).decode()
    return JSONResponse(values | {"picture_png": png}, headers={"Cache-Control": "no-store"})


@router.post(
    "/card",
    summary="Show the set-up card on the pattern screen",
    status_code=204,
    dependencies=[needs(Right.CALIBRATE)],
)
def card(aligner: AlignerDep) -> Response:
    """A line along each edge, lines of one pixel, a wedge of greys."""
    aligner.show_card()
    return Response(status_code=204)
