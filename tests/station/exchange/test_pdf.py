"""HTML to PDF: nothing is fetched, missing fonts are said, and a crowd of prints is turned away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from station.exchange import pdf
from station.exchange.pdf import pdf_of
from station.faults import Busy, StationFault

SHORT = "<html lang=en><title>t</title><p>one</p>"
LONG = SHORT + "<p style='break-before: page'>two</p>"


def test_the_first_version_that_fits_is_printed() -> None:
    assert pdf_of(iter([LONG, SHORT]), 1).pages == 1
    assert pdf_of(iter([LONG, SHORT]), 2).pages == 2


def test_a_document_that_never_fits_is_printed_whole() -> None:
    assert pdf_of(iter([LONG, LONG]), 1).pages == 2


def test_nothing_is_fetched_from_a_network_or_the_disk(tmp_path: Path) -> None:
    (tmp_path / "secret.css").write_text("p { break-before: page }", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        port = server.getsockname()[1]
        outside = (
            f"<link rel=stylesheet href='file://{tmp_path}/secret.css'><img src='http://127.0.0.1:{port}/x.png'>"
            f"<style>@import 'http://127.0.0.1:{port}/a.css'</style>"
        )
        assert pdf_of(iter([outside + SHORT]), 1).pages == 1
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_machine_without_chinese_letters_says_so_instead_of_printing_boxes(tmp_path: Path) -> None:
    """A process of its own, whose font settings know no font at all but one that has only Latin letters."""
    settings = tmp_path / "fonts.conf"
    settings.write_text(
        "<?xml version='1.0'?><fontconfig><dir>/usr/share/fonts/truetype</dir>"
        "<selectfont><rejectfont><pattern><patelt name='family'><string>Noto Sans CJK SC</string></patelt></pattern>"
        f"</rejectfont></selectfont><cachedir>{tmp_path}/cache</cachedir></fontconfig>",
        encoding="utf-8",
    )
    code = "from station.exchange.pdf import pdf_of; pdf_of(iter(['<p>漆面</p>']), 1)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "FONTCONFIG_FILE": str(settings)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert "this machine has no font for '漆'" in done.stderr
    assert "fonts-noto-cjk" in done.stderr


def test_a_machine_without_pango_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weasyprint").mkdir()
    (tmp_path / "weasyprint" / "__init__.py").write_text("raise OSError('cannot load libpango')", encoding="utf-8")
    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StationFault, match="apt-get install libpango"):
        pdf_of(iter([SHORT]), 1)


def test_one_is_printed_two_wait_and_more_are_turned_away() -> None:
    made: list[int] = []
    waiting = [threading.Thread(target=lambda: made.append(pdf_of(iter([SHORT]), 1).pages)) for _ in range(3)]
    with pdf._AT_WORK:
        for thread in waiting:
            thread.start()
        while pdf._WAITING._value:  # type: ignore[attr-defined]
            threading.Event().wait(0.01)
        with pytest.raises(Busy, match="try again in a moment"):
            pdf_of(iter([SHORT]), 1)
    for thread in waiting:
        thread.join(60)
    assert made == [1, 1, 1]
