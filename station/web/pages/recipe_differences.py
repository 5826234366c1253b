"""``/recipes/{name}/differences``: what moved between any two versions of a recipe."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from inspection.refused import Refused
from inspection.revision import changes
from station.web.deps import StoreDep
from station.web.rendering import language_of, page
from station.web.versions import changes_in_words, versions_in_words
from station.web.wording import Wording

router = APIRouter()

Hash = Annotated[str | None, Query(max_length=64)]


@router.get("/recipes/{name}/differences")
def show(request: Request, name: str, store: StoreDep, before: Hash = None, after: Hash = None) -> HTMLResponse:
    """Without a choice: from the first version to the newest."""
    words = Wording(language_of(request))
    with store.reader() as reader:
        row = reader.recipe(name)
        if row is None:
            raise HTTPException(404)
        versions = reader.versions(row["name"])
        known = [version["sha256"] for version in versions]
        chosen = (before or known[-1], after or known[0])
        for sha256 in chosen:
            if sha256 not in known:
                raise HTTPException(404, f"{row['name']} has no version {sha256[:12]}")
        try:
            pair = [reader.load_recipe(sha256) for sha256 in chosen]
        except Refused:
            pair = [None, None]
    one, other = pair
    moved = None if one is None or other is None else [asdict(change) for change in changes(one, other)]
    values = {
        "recipe": row,
        "versions": versions_in_words(versions, words),
        "before": chosen[0],
        "after": chosen[1],
        "changes": None if moved is None else changes_in_words(moved, words),
    }
    return page(
        request,
        "recipe_differences.html",
        values,
        section="recipes",
        twin=f"/api/recipes/{quote(row['name'])}/versions",
    )
