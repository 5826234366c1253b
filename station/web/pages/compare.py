"""``/panels/{code}/compare``: two passes of a panel upon each other, with a slider between them."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from station.web.api.compare import OneOfTwo, order_of_work, pair_of
from station.web.compared import compared
from station.web.deps import StoreDep, found
from station.web.ledger import ledger
from station.web.rendering import language_of, page
from station.web.wording import Wording

router = APIRouter()


@router.get("/compare")
def any_two(left: OneOfTwo, right: OneOfTwo, store: StoreDep) -> Response:
    """Two inspections beside each other: of one panel upon each other, of two panels by their harmony."""
    with store.reader() as reader:
        rows = [found(reader.inspection(one), f"inspection {one}") for one in (left, right)]
    if rows[0]["panel"] == rows[1]["panel"] and rows[0]["panel"] is not None:
        address = f"/panels/{quote(rows[0]['panel'])}/compare?{urlencode({'left': left, 'right': right})}"
    else:
        address = f"/harmony?{urlencode({'first': left, 'second': right})}"
    return RedirectResponse(address, status_code=303)


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
    values = {
        "code": code,
        "compared": compared(pair, words, request.query_params.get("map")),
        "ledger": marks,
        "simulated": pair.left["simulated"] or pair.right["simulated"],
    }
    twin = f"/api/panels/{quote(code)}/compare?{urlencode({'left': left, 'right': right})}"
    return page(request, "compare.html", values, section="inspections", twin=twin)
