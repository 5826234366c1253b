"""Whether the station can work."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from station.web.deps import LineDep, StoreDep

router = APIRouter(tags=["health"])


@router.get("/health", summary="State of the database and the line, and each station's newest rig with its expiry")
def health(store: StoreDep, line: LineDep) -> Response:
    with store.reader() as reader:
        state = reader.health()
        return JSONResponse(
            state | {"line": "busy" if line.busy else "ready"},
            200 if state["status"] == "ok" else 503,
            headers={"Cache-Control": "no-store"},
        )
