"""Film: gauge readings by zone, and new ones from a gauge or by hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from station.access.rights import Right
from station.store.db import FilmQuery, FilmReading
from station.web.api.marks import Who
from station.web.deps import Moment, StoreDep, list_response
from station.web.needs import VisitorDep, needs, signed

router = APIRouter(tags=["film"])

Micrometres = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=5000)]


class Gauged(BaseModel):
    """One reading; `pass_number` is the last pass that was done before it, 0 for none."""

    model_config = ConfigDict(extra="forbid")

    zone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "whole"
    film_um: Micrometres
    u_um: Micrometres | None = None
    coat_number: Annotated[int, Field(strict=True, ge=1, le=99)] = 1
    pass_number: Annotated[int, Field(strict=True, ge=0, le=9999)]
    who: Who | None = None
    measured_at: Moment | None = None


@router.get("/film", summary="Film readings, the newest first")
def film(request: Request, store: StoreDep, query: Annotated[FilmQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.film_readings(query))


@router.post(
    "/panels/{code:path}/film",
    status_code=201,
    summary="Keep a film reading of a panel",
    dependencies=[needs(Right.GAUGE)],
)
def post_film(code: str, gauged: Gauged, store: StoreDep, visitor: VisitorDep) -> Response:
    with store.reader() as reader:
        if not reader.knows(code):
            raise HTTPException(404, f'panel "{code}" does not exist')
    number = store.add_film_reading(code, FilmReading(**dict(gauged) | {"who": signed(visitor, gauged.who)}))
    return JSONResponse({"reading": number}, 201, headers={"Location": "/api/film"})
