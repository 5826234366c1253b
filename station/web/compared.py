"""Two passes of a panel upon each other, for the pages that show them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import numpy as np

from station.web.api.compare import Pair
from station.web.layers import PICTURE, layers
from station.web.passes import summary
from station.web.scales import scale_of
from station.web.stage import stage
from station.web.wording import Wording

#: Polishing changes the gloss before anything else; a picture in diffuse light hardly shows it.
FIRST_SHOWN = "gloss_gu"


def compared(pair: Pair, words: Wording, wanted: str | None = None) -> dict[str, Any]:
    """What `parts/compared.html` shows.

    Parameters
    ----------
    wanted : str, optional
        The map, or the picture. Without it gloss, where polishing marks are to be seen best.
    """
    views = views_of(pair, words)
    named = wanted or FIRST_SHOWN
    base = f"/panels/{quote(pair.right['panel'])}/compare"
    for view in views:
        asked = {"left": pair.left["id"], "right": pair.right["id"], "map": view["name"]}
        view["address"] = f"{base}?{urlencode(asked)}"
    return {
        "left": summary(pair.left, words),
        "right": summary(pair.right, words),
        "views": views,
        "current": next((view for view in views if view["name"] == named), views[0] if views else None),
        "placing": _placing(pair),
        "registered": pair.left_to_right is not None,
    }


def views_of(pair: Pair, words: Wording) -> list[dict[str, str]]:
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
