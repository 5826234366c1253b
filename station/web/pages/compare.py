"""``/panels/{code}/compare``: two passes of a panel upon each other, with a slider between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from station.web.api.compare import OneOfTwo, Pair, order_of_work, pair_of
from station.web.deps import StoreDep
from station.web.layers import PICTURE, layers
from station.web.ledger import ledger
from station.web.passes import summary
from station.web.rendering import language_of, page
from station.web.scales import scale_of
from station.web.stage import stage
from station.web.wording import Wording

router = APIRouter()

Row = Mapping[str, Any]

#: Polishing changes the gloss before anything else; a picture in diffuse light hardly shows it.
_FIRST_SHOWN = "gloss_gu"


@router.get("/panels/{code:path}/compare")
def show(request: Request, code: str, left: OneOfTwo, right: OneOfTwo, store: StoreDep) -> Response:
    """The page; ``?map=`` names what is compared: the picture, or a map that both have.

    Without it gloss, where polishing marks are to be seen best. Asked the wrong way round, it leads the right way.
    """
    words = Wording(language_of(request))
    with store.reader() as reader:
        rows = [reader.inspection(one) for one in (left, right)]
        if rows[0] is not None and rows[1] is not None and order_of_work(rows[0]) > order_of_work(rows[1]):
            turned = dict(request.query_params) | {"left": right, "right": left}
            return RedirectResponse(f"/panels/{quote(code)}/compare?{urlencode(turned)}", status_code=303)
        pair = pair_of(reader, code, left, right)
        marks = ledger([reader.inspection(one) or {} for one in reader.chain(right)], words)
    wanted = request.query_params.get("map", _FIRST_SHOWN)
    views = _views(pair, words)
    current = next((view for view in views if view["name"] == wanted), views[0] if views else None)

    def address(name: str) -> str:
        return f"?{urlencode({'left': left, 'right': right, 'map': name})}"

    values = {
        "code": code,
        "left": summary(pair.left, words),
        "right": summary(pair.right, words),
        "views": views,
        "current": current,
        "address": address,
        "placing": _placing(pair),
        "registered": pair.left_to_right is not None,
        "ledger": marks,
        "simulated": pair.left["simulated"] or pair.right["simulated"],
    }
    twin = f"/api/panels/{quote(code)}/compare?{urlencode({'left': left, 'right': right})}"
    return page(request, "compare.html", values, section="inspections", twin=twin)


def _views(pair: Pair, words: Wording) -> list[dict[str, str]]:
    """What both inspections can show, each with the address of either picture; maps with one scale for both."""
    views = []
    if pair.left["picture"] and pair.right["picture"]:
        name = words.word("map", PICTURE)
        views.append({"name": PICTURE, "label": name, "left": pair.left["picture"], "right": pair.right["picture"]})
    both = (pair.left["maps"], pair.right["maps"])
    sides = [{one["name"]: one for one in maps if one["retired_at"] is None} for maps in both]
    for layer in layers(pair.right["maps"], words):
        rows = [side[layer.name] for side in sides if layer.name in side]
        if layer.image is None or len(rows) < 2 or any(row["low"] is None for row in rows):
            continue
        low, high = scale_of(layer.name, min(row["low"] for row in rows), max(row["high"] for row in rows))
        ends = urlencode({"low": low, "high": high})
        addresses = [f"{row['png']}&{ends}" for row in rows]
        views.append({"name": layer.name, "label": layer.label, "left": addresses[0], "right": addresses[1]})
    return views


def _placing(pair: Pair) -> dict[str, Any]:
    """Sizes of both pictures, and the projective map between their pixels, row by row."""
    frames = []
    for side in (pair.left, pair.right):
        first = side["maps"][0] if side["maps"] else {"columns_px": 1, "rows_px": 1}
        frames.append(stage(first["columns_px"], first["rows_px"], side["pixel_to_panel_mm"]))
    to_mm, from_mm = (
        np.array([float(part) for part in text.split()]).reshape(3, 3) for text in (frames[0].to_mm, frames[1].from_mm)
    )
    over_mm = np.eye(3) if pair.left_to_right is None else pair.left_to_right
    matrix = from_mm @ over_mm @ to_mm
    return {
        "left": frames[0],
        "right": frames[1],
        "matrix": " ".join(f"{number:.10g}" for number in (matrix / matrix[2, 2]).ravel()),
    }
