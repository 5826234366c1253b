"""Whether the station can work."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from station.web.deps import LineDep, StoreDep

router = APIRouter(tags=["health"])


@router.get(
    "/health", summary="Database, disk, backup and line, each station's newest rig with its expiry, and what to see to"
)
def health(store: StoreDep, line: LineDep) -> Response:
    """503 where nothing can be measured and stored; ``warnings`` say what a person should do before that."""
    state = store.health()
    return JSONResponse(
        state | {"line": "busy" if line.busy else "ready"},
        200 if state["status"] == "ok" else 503,
        headers={"Cache-Control": "no-store"},
    )
