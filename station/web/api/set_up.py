"""What a technician does with the line's own camera: daily check, calibration, test of the hardware."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Annotated, Any, cast

import cv2
import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from inspection.frames import Frames, Role
from station.access.rights import Right
from station.capture_set import encode_png
from station.daily_check import reasons
from station.line.set_up import SetUp
from station.line.state import Lies
from station.web.api.marks import Who
from station.web.deps import NO_CAMERA, StoreDep, found
from station.web.needs import VisitorDep, needs

router = APIRouter(prefix="/set-up", tags=["set-up"], dependencies=[needs(Right.CALIBRATE)])

#: A picture to look at need not be larger.
SHOWN_PX = 640


def _set_up(request: Request) -> SetUp:
    set_up = cast(SetUp | None, request.app.state.set_up)
    if set_up is None:
        raise HTTPException(409, NO_CAMERA)
    return set_up


SetUpDep = Annotated[SetUp, Depends(_set_up)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    operator: Who | None = None


class CheckWanted(_Strict):
    """The check panel that lies there; `first`: one of its first checks at this station, which make its values."""

    check_panel: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
    first: bool = False


class ReferenceWanted(_Strict):
    """What lies there."""

    what: Annotated[Lies, Field(strict=False)]


@router.post("/check", status_code=201, summary="Check this station with the check panel that lies there")
def check(wanted: CheckWanted, set_up: SetUpDep, store: StoreDep, visitor: VisitorDep) -> Response:
    """As `POST /api/daily-checks`, with a capture of its own."""
    operator = visitor.pseudonym or wanted.operator
    check_id = set_up.check(wanted.check_panel, first=wanted.first, operator=operator)
    address = f"/api/daily-checks/{check_id}"
    with store.reader() as reader:
        row = found(reader.check(check_id), f"daily check {check_id}")
    answer = {"check": check_id, "href": address, "first": row["first"], "met": row["met"], "reasons": reasons(row)}
    return JSONResponse(answer, 201, headers={"Location": address})


@router.post("/references", status_code=201, summary="Take black glass or the white tile for a calibration")
def take(wanted: ReferenceWanted, set_up: SetUpDep, visitor: VisitorDep) -> Response:
    """What was taken, with its brightest picture (PNG in base64)."""
    frames = set_up.take_reference(wanted.what, operator=visitor.pseudonym or wanted.operator)
    return JSONResponse(_told(frames) | {"picture_png": _picture(frames)}, 201, headers={"Cache-Control": "no-store"})


@router.get("/references", summary="What a calibration needs, and what of it was taken")
def references(request: Request) -> Response:
    """Empty where the station takes no pictures of its own."""
    set_up = cast(SetUp | None, request.app.state.set_up)
    if set_up is None:
        return JSONResponse({"items": []}, headers={"Cache-Control": "no-store"})
    taken = set_up.references
    items = [{"what": lies, "taken": _told(taken[lies]) if lies in taken else None} for lies in set_up.needs]
    return JSONResponse({"items": items}, headers={"Cache-Control": "no-store"})


@router.post("/calibration", status_code=201, summary="Make a calibration of what was taken: the line uses it")
def calibrate(set_up: SetUpDep) -> Response:
    """422 where it makes none, with the reason; what was taken stays until it is taken anew."""
    rig = set_up.calibrate()
    address = f"/api/rigs/{rig.sha256}"
    answer = {"rig": rig.sha256, "href": address, "page": f"/rigs/{rig.sha256}", "expires_at": rig.expires_at}
    return JSONResponse(answer, 201, headers={"Location": address})


@router.post("/test", summary="Test camera, screen and every lamp, as the camera sees them")
def test(set_up: SetUpDep) -> Response:
    items = [asdict(one) for one in set_up.test_hardware()]
    return JSONResponse({"items": items}, headers={"Cache-Control": "no-store"})


def _told(frames: Frames) -> dict[str, Any]:
    return {"captured_at": frames.captured_at, "frames": len(frames.frames), "simulated": frames.simulated,
            "sha256": frames.sha256}  # fmt: skip


def _picture(frames: Frames) -> str:
    """The first lit frame, small, in eight bits."""
    pixels = next(frame.pixels for frame in frames.frames if frame.role is not Role.DARK)
    sensor = frames.sensor
    plane = (pixels if pixels.ndim == 2 else pixels[..., 1]).astype(np.float32)
    light = (plane - sensor.black_level) / (sensor.white_level - sensor.black_level)
    factor = min(1.0, SHOWN_PX / max(light.shape))
    small = cv2.resize(light, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return base64.b64encode(encode_png(np.clip(255 * small, 0, 255).astype(np.uint8))).decode()
