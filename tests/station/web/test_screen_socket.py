"""The screen page and its connection, as the web application serves them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from station.access.rights import Role
from station.app import build_app, screen_link
from station.capture.screen_link import ScreenLink
from station.line import Line
from station.settings import Settings
from station.store.db import Store

LINK = "ws://127.0.0.1/screen/link"
PIN = "482915"
SIZE = {"width": 64, "height": 32, "ratio": 1.0, "visible": True}


@pytest.fixture
def link() -> ScreenLink:
    return ScreenLink(64, 32)


@pytest.fixture
def screen_client(store: Store, line: Line, link: ScreenLink) -> Iterator[TestClient]:
    with TestClient(build_app(store, line, screen=link), base_url="http://127.0.0.1") as client:
        yield client


def test_the_page_names_what_it_says_in_both_languages(screen_client: TestClient) -> None:
    for language, title in (("en", "Pattern screen"), ("zh-CN", "条纹屏幕")):
        answer = screen_client.get("/screen", headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert title in answer.text


def test_a_page_that_fits_makes_the_screen_ready_and_one_that_does_not_is_told_why(
    screen_client: TestClient, link: ScreenLink
) -> None:
    with screen_client.websocket_connect(LINK) as socket:
        socket.send_json(SIZE)
        assert socket.receive_text() == ""
        assert link.fault() is None
        socket.send_json(SIZE | {"width": 65})
        assert "65 x 32 px" in socket.receive_text()
        assert "65 x 32 px" in str(link.fault())
    assert "not open" in str(link.fault())


@pytest.mark.parametrize("words", ['{"shown": -1}', "{}", "hello", '{"width": 1}', '{"shown": 1, "more": 2}'])
def test_words_that_no_page_says_end_the_connection(screen_client: TestClient, link: ScreenLink, words: str) -> None:
    with screen_client.websocket_connect(LINK) as socket:
        socket.send_text(words)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
    assert "not open" in str(link.fault())


@pytest.mark.parametrize("headers", [{"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}])
def test_the_page_of_another_site_cannot_play_the_screen(
    screen_client: TestClient, link: ScreenLink, headers: dict[str, str]
) -> None:
    with pytest.raises(WebSocketDisconnect), screen_client.websocket_connect(LINK, headers=headers):
        pass
    assert "not open" in str(link.fault())


def test_where_people_log_in_the_screen_of_the_stations_own_machine_needs_nobody(
    store: Store, line: Line, link: ScreenLink
) -> None:
    """Nobody can log in at a screen without keys; one elsewhere has a part in the measurement and is a person's."""
    for role in (Role.VIEWER, Role.INSPECTOR):
        store.add_account(f"{role}-1", role, PIN)
    app = build_app(store, line, screen=link)
    with TestClient(app, client=("127.0.0.1", 50000), base_url="http://127.0.0.1") as here:
        assert here.get("/screen").status_code == 200
        assert here.get("/recipes", follow_redirects=False).status_code == 401
        with here.websocket_connect(LINK) as socket:
            socket.send_json(SIZE)
            assert socket.receive_text() == ""
    with TestClient(app, client=("10.0.0.7", 50000), base_url="http://127.0.0.1") as elsewhere:
        assert elsewhere.get("/screen").status_code == 401
        with pytest.raises(WebSocketDisconnect), elsewhere.websocket_connect(LINK):
            pass
        for role, may in ((Role.VIEWER, False), (Role.INSPECTOR, True)):
            assert elsewhere.post("/api/session", json={"pseudonym": f"{role}-1", "pin": PIN}).status_code == 201
            if may:
                with elsewhere.websocket_connect(LINK) as socket:
                    socket.send_json(SIZE)
                    assert socket.receive_text() == ""
            else:
                with pytest.raises(WebSocketDisconnect), elsewhere.websocket_connect(LINK):
                    pass


def test_a_station_without_a_screen_says_so(client: TestClient) -> None:
    with client.websocket_connect(LINK) as socket:
        assert "no pattern screen" in socket.receive_text()


def test_a_station_has_a_wire_to_its_screen_only_where_the_settings_have_one() -> None:
    assert screen_link(Settings()) is None
