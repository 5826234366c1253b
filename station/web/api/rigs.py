"""Rigs: what the station was calibrated with, and until when."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from calibration.certificate import certificate
from station.store.db import RigQuery
from station.web.deps import StoreDep, found, list_response

router = APIRouter(tags=["rigs"])


@router.get("/rigs", summary="Rigs, the newest calibration first")
def rigs(request: Request, store: StoreDep, query: Annotated[RigQuery, Depends()]) -> Response:
    with store.reader() as reader:
        return list_response(request, reader.rigs(query))


@router.get("/rigs/{sha256}", summary="One rig with its sensor, geometry, noise and calibration terms")
def rig(sha256: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        return JSONResponse(found(reader.rig(sha256), f'rig "{sha256}"'))


@router.get("/rigs/{sha256}/certificate", summary="What a calibration measured: values, uncertainties, limits, frames")
def rig_certificate(sha256: str, store: StoreDep) -> Response:
    with store.reader() as reader:
        rig = found(reader.rig(sha256), f'rig "{sha256}"')
    return JSONResponse(certificate(rig["header"], rig["sha256"]))
