"""What an attacker tries first: paths that lead out, archives that burst, sent over HTTP."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from station.store.db import Store

UP = "../../../../../../../../etc/passwd"


@pytest.mark.parametrize(
    "address",
    [
        f"/static/{UP}",
        "/static/..%2f..%2f..%2fsettings.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static//etc/passwd",
        "/static/..%5c..%5csettings.py",
        "/api/inspections/1/maps/..%2f..%2f..%2fstation.db",
        "/api/captures/..%2f..%2fstation.db",
        f"/api/panels/{UP.replace('/', '%2f')}",
        "/recipes/..%2f..%2fetc%2fpasswd",
        "/language/..%2f..%2fetc",
    ],
)
def test_no_address_leads_out_of_the_station(
    client: TestClient, three_passes: tuple[int, int, int], address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "root:" not in answer.text
    assert "SQLite" not in answer.text


def posted(client: TestClient, address: str, name: str, content: bytes) -> int:
    """Post a zip with a single file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(name, content)
    return client.post(address, content=out.getvalue(), headers={"Content-Type": "application/zip"}).status_code


@pytest.mark.parametrize("address", ["/api/captures", "/api/daily-checks"])
@pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "a/../../evil.json", "..\\evil.json", "capture.json"])
def test_an_archive_that_leads_out_or_bursts_leaves_nothing(
    client: TestClient, store: Store, address: str, name: str
) -> None:
    folder: Path = store.path.parent
    before = sorted(folder.parent.rglob("*"))
    bomb = b"\0" * 2**27
    tracemalloc.start()
    assert posted(client, address, name, b"{}" if name != "capture.json" else bomb) == 422
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < len(bomb) / 2
    assert sorted(folder.parent.rglob("*")) == before
