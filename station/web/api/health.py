"""Whether the station can work."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from station.access.rights import Right
from station.web.deps import LineDep, StoreDep
from station.web.needs import VisitorDep

router = APIRouter(tags=["health"])


@router.get(
    "/health", summary="Database, disk, backup and line, each station's newest rig with its expiry, and what to see to"
)
def health(store: StoreDep, line: LineDep, visitor: VisitorDep) -> Response:
    """503 where nothing can be measured and stored; ``warnings`` say what a person should do before that.

    Where the backup lies is told to who sets up the station only.
    """
    state = store.health()
    if state["backup"] is not None and not visitor.may(Right.CALIBRATE):
        told = {name: value for name, value in state["backup"]["told"].items() if name != "destination"}
        state["backup"] = state["backup"] | {"told": told}
    return JSONResponse(
        state | {"line": "busy" if line.busy else "ready"},
        200 if state["status"] == "ok" else 503,
        headers={"Cache-Control": "no-store"},
    )
