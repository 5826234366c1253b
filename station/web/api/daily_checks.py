"""Daily checks: how each station stands, what was checked, and a new check as a zip of its capture set."""

from __future__ import annotations

import pathlib
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from inspection.refused import Refused
from station.access.rights import Right
from station.daily_check import reasons, stations
from station.store.db import CheckQuery
from station.web.api.captures import uploaded_zip
from station.web.deps import LineDep, StoreDep, found, list_response
from station.web.needs import needs

router = APIRouter(tags=["daily checks"])

CheckId = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/stations", summary="How every station stands with its daily check, and why")
def all_stations(store: StoreDep, line: LineDep) -> Response:
    with store.reader() as reader:
        return JSONResponse({"items": stations(reader, line.daily_check_hours, line.now())})


@router.get("/daily-checks", summary="Daily checks, the newest first")
def checks(request: Request, store: StoreDep, query: Annotated[CheckQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.checks(query))


@router.get("/daily-checks/{check_id}", summary="One daily check with its values, control limits and gates")
def check(check_id: CheckId, store: StoreDep) -> Response:
    with store.reader() as reader:
        row = found(reader.check(check_id), f"daily check {check_id}")
    return JSONResponse(row | {"reasons": reasons(row)})


@router.post(
    "/daily-checks",
    status_code=201,
    summary="Check a station with a capture of its check panel (zip of a paint-capture/1 folder)",
    dependencies=[needs(Right.CALIBRATE)],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def post_check(
    path: Annotated[pathlib.Path, Depends(uploaded_zip)], line: LineDep, store: StoreDep, first: bool = False
) -> Response:
    try:
        check_id = line.check_set(path, first=first)
    except Refused as error:
        raise Refused(str(error).replace(str(path), path.name)) from error
    address = f"/api/daily-checks/{check_id}"
    with store.reader() as reader:
        row = found(reader.check(check_id), f"daily check {check_id}")
    answer = {"check": check_id, "href": address, "first": row["first"], "met": row["met"], "reasons": reasons(row)}
    return JSONResponse(answer, 201, headers={"Location": address})
