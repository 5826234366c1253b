"""Every address that writes names the right that it needs, and no stranger reads."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.testclient import TestClient
from starlette.routing import Mount

from station.access.rights import MAY, Right, Role
from station.store.db import Store
from station.web.door import FOR_STRANGERS, FOR_STRANGERS_UNDER
from station.web.needs import Needs
from station.web.writers import READING

#: The only addresses that strangers may write to.
LOG_IN_AND_OUT = {("POST", "/api/session"), ("DELETE", "/api/session")}


def needed(dependant: Dependant) -> list[Right | None]:
    """Rights that an endpoint and what it depends on ask for."""
    own = [dependant.call.right] if isinstance(dependant.call, Needs) else []
    return own + [right for part in dependant.dependencies for right in needed(part)]


def writing(app: FastAPI) -> dict[tuple[str, str], list[Right | None]]:
    """Every method and address that writes, with what it needs."""
    found = {}
    for route in iter_route_contexts(app.routes):
        for method in (route.methods or set()) - READING:
            found[method, str(route.path)] = needed(route.dependant)
    return found


def test_every_address_that_writes_names_one_right(app: FastAPI) -> None:
    wrong = {address: rights for address, rights in writing(app).items() if len(rights) != 1}
    assert not wrong, "dependencies=[needs(Right.…)] is missing, see station/web/needs.py"


def test_only_the_log_in_asks_for_nothing(app: FastAPI) -> None:
    assert {address for address, rights in writing(app).items() if rights == [None]} == LOG_IN_AND_OUT


def test_nothing_is_mounted_that_rights_do_not_reach(app: FastAPI) -> None:
    assert [route.path for route in app.routes if isinstance(route, Mount)] == ["/static"]


def test_every_role_may_read_and_each_right_is_somebodys() -> None:
    assert set(MAY) == set(Role)
    assert all(Right.READ in rights for rights in MAY.values())
    assert set().union(*MAY.values()) == set(Right)
    assert MAY[Role.VIEWER] == {Right.READ}


def filled(route: RouteContext) -> str:
    """The address with something in each of its places."""
    return str(route.path).replace("{inspection_id}", "1").replace("{", "").replace("}", "").replace(":path", "")


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_no_stranger_gets_in_anywhere(app: FastAPI, store: Store, accept: str) -> None:
    store.add_account("wren", Role.VIEWER, "482915")
    client = TestClient(app, base_url="http://localhost:8000", headers={"Accept": accept}, follow_redirects=False)
    let_in = set()
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            answer = client.request(method, filled(route))
            if answer.status_code not in {401, 303} or (
                answer.status_code == 303 and "/login" not in answer.headers["location"]
            ):
                let_in.add(str(route.path))
    assert {path for path in let_in if not path.startswith(FOR_STRANGERS_UNDER)} == set(FOR_STRANGERS)
