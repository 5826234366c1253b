"""Capture sets: what is stored, and a new one as a zip."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from inspection.refused import Refused
from station.access.rights import Right
from station.faults import Busy
from station.store.db import CaptureQuery
from station.store.keeping import UPLOAD_PREFIX
from station.web.deps import LineDep, StoreDep, found, list_response
from station.web.needs import needs

router = APIRouter(tags=["captures"])

#: A 12 megapixel set of 20 planes is 0.5 GB.
MAX_UPLOAD_BYTES = 2 * 2**30
ZIP_TYPES = ("application/zip", "application/x-zip-compressed")


@router.get("/captures", summary="Stored capture sets, the newest first")
def captures(request: Request, store: StoreDep, query: Annotated[CaptureQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.captures(query))


@router.get("/captures/{sha256}", summary="One capture set with its frames and the inspections made from it")
def capture(sha256: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        return JSONResponse(found(reader.capture(sha256), f'capture "{sha256}"'))


async def uploaded_zip(request: Request, store: StoreDep, line: LineDep) -> AsyncIterator[Path]:
    """The body of a request in a file that is gone afterwards; refused before it is taken in where possible."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ZIP_TYPES:
        raise HTTPException(415, f"content-type: expected application/zip, got {kind or 'none'}")
    if line.busy:
        raise Busy("the line is measuring another panel: try again when it is done", "busy")
    too_large = HTTPException(413, f"the body is larger than {MAX_UPLOAD_BYTES} bytes")
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MAX_UPLOAD_BYTES:
        raise too_large
    # What it unpacks to is asked for again when its size in pixels is known.
    store.require_room(int(declared) if declared.isdecimal() else 0, 0)
    with tempfile.TemporaryDirectory(prefix=UPLOAD_PREFIX, dir=store.path.parent) as folder:
        path = Path(folder) / "capture.zip"
        taken = 0
        try:
            with open(path, "wb") as file:
                async for chunk in request.stream():
                    taken += len(chunk)
                    if taken > MAX_UPLOAD_BYTES:
                        raise too_large
                    await to_thread.run_sync(file.write, chunk)
        except ClientDisconnect as error:
            raise HTTPException(400, "the connection ended before the whole set had arrived") from error
        if taken == 0:
            raise HTTPException(400, "the body is empty: expected a zip of a capture set")
        yield path


@router.post(
    "/captures",
    status_code=201,
    dependencies=[needs(Right.MEASURE)],
    summary="Measure a capture set (zip of a paint-capture/1 folder)",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def post_capture(path: Annotated[Path, Depends(uploaded_zip)], line: LineDep, store: StoreDep) -> Response:
    try:
        inspection_id = line.measure_set(path)
    except Refused as error:
        # Where it lay for a moment is nobody's business.
        raise Refused(str(error).replace(str(path), path.name)) from error
    address = f"/api/inspections/{inspection_id}"
    with store.reader() as reader:
        row = found(reader.inspection(inspection_id), f"inspection {inspection_id}")
    answer = {"inspection": inspection_id, "href": address, "verdict": row["verdict"], "next_step": row["next_step"]}
    return JSONResponse(answer, 201, headers={"Location": address})
