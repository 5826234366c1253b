"""A capture set posted as a zip becomes an inspection, or a sentence why not and no row."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from records import recipe_of

import station.web.api.captures
from calibration import calibrate
from inspection.rig import Rig
from samples.panels import amethyst_story
from samples.scene import render, render_reference
from samples.stations import NAMED
from station.capture_set import write_capture_set
from station.store.db import Store

STATION = NAMED["B"].sized(64, 48)
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def good_set(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Files of a capture set of pass 1."""
    folder = tmp_path_factory.mktemp("set")
    write_capture_set(render(amethyst_story(1), STATION, seed=1, captured_at="2026-11-22T09:30:00+08:00"), folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def rig() -> Rig:
    """The station, calibrated."""
    return calibrate([render_reference(STATION, seed=0, captured_at="2026-11-22T08:00:00+08:00")])


@pytest.fixture
def ready(store: Store, rig: Rig) -> Store:
    """A store that knows rig and recipe."""
    store.put_rig(rig)
    store.put_recipe(recipe_of())
    return store


def zipped(files: Files) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def edited(files: Files, edit: Callable[[dict[str, Any]], object]) -> Files:
    """The files with a changed manifest."""
    tree = json.loads(files["capture.json"])
    edit(tree)
    return files | {"capture.json": json.dumps(tree).encode()}


def post(client: TestClient, body: bytes, kind: str = "application/zip") -> httpx2.Response:
    """Post a body."""
    return client.post("/api/captures", content=body, headers={"Content-Type": kind})


def stored(store: Store) -> set[int]:
    """Rows of everything that a set could leave behind."""
    with store.reader() as reader:
        counts = reader.health()["counts"]
    return {counts[name] for name in ("panel", "capture", "inspection", "finding", "map")}


def test_a_posted_set_becomes_an_inspection(client: TestClient, ready: Store, good_set: Files) -> None:
    answer = post(client, zipped(good_set))
    assert answer.status_code == 201, answer.text
    address = answer.headers["location"]
    assert (answer.json()["href"], answer.json()["inspection"]) == (address, 1)
    tree = client.get(address).json()
    assert (tree["panel"], tree["pass_number"], tree["verdict"]) == ("AM-0007-HOOD", 1, answer.json()["verdict"])
    assert client.get(tree["picture"]).status_code == 200
    assert client.get("/api/captures").json()["items"][0]["sha256"] == tree["capture_sha256"]


def test_the_same_set_posted_again_is_another_attempt(client: TestClient, ready: Store, good_set: Files) -> None:
    first, second = post(client, zipped(good_set)), post(client, zipped(good_set))
    tree = client.get(second.headers["location"]).json()
    assert [one["attempt"] for one in tree["attempts"]] == [1, 2]
    assert tree["capture_sha256"] == client.get(first.headers["location"]).json()["capture_sha256"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda files: edited(files, lambda tree: tree.pop("image")), "capture.json: image"),
        (lambda files: edited(files, lambda tree: tree.update(pass_number=-1)), "pass_number"),
        (lambda files: edited(files, lambda tree: tree.update(recipe="grafite")), "grafite"),
        (lambda files: edited(files, lambda tree: tree.update(station="Z")), "station"),
        (lambda files: edited(files, lambda tree: tree.update(captured_at="2020-01-01T00:00:00Z")), "valid at 2020"),
        (lambda files: edited(files, lambda tree: tree["frames"][0].update(file="../white.png")), "frames[0].file"),
        (lambda files: {name: data for name, data in files.items() if name != "white.png"}, "white.png"),
        (lambda files: files | {"white.png": files["white.png"][:200]}, "white.png"),
        (lambda files: {}, "capture.json"),
    ],
)
def test_a_refused_set_leaves_no_row_and_no_file(
    client: TestClient, ready: Store, good_set: Files, change: Callable[[Files], Files], words: str
) -> None:
    before = sorted(ready.path.parent.rglob("*"))
    answer = post(client, zipped(change(good_set)))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert words in answer.json()["detail"]
    assert str(ready.path.parent) not in answer.json()["detail"]
    assert stored(ready) == {0}
    assert sorted(ready.path.parent.rglob("*")) == before


def test_a_body_that_is_no_zip_is_refused(client: TestClient, ready: Store) -> None:
    answer = post(client, b"this is no archive")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("capture.zip: ")


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/json", "text/plain"])
def test_only_a_zip_is_taken(client: TestClient, ready: Store, kind: str) -> None:
    answer = post(client, b"PK", kind)
    assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")


def test_an_empty_body_is_refused(client: TestClient, ready: Store) -> None:
    assert post(client, b"").status_code == 400


def test_a_body_beyond_the_limit_is_not_taken_in(
    client: TestClient, ready: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station.web.api.captures, "MAX_UPLOAD_BYTES", 1000)
    declared = post(client, b"x" * 1001)
    # A body of unknown length arrives in chunks and is counted.
    counted = client.post(
        "/api/captures", content=(b"x" * 600 for _ in range(3)), headers={"Content-Type": "application/zip"}
    )
    assert [declared.status_code, counted.status_code] == [413, 413]
    assert list(ready.path.parent.glob("upload-*")) == []
