"""Every kind of bad capture set is refused in one sentence that names the file and the field."""

from __future__ import annotations

import contextlib
import random
import resource
import zipfile
from pathlib import Path

import pytest
from bad_sets import BAD_SETS, BadSet, make_bad, png_header
from small_sets import good_frames, write_good_set, zip_of

from inspection.refused import Refused
from station.capture_set import read_capture_set, write_capture_set


@pytest.mark.parametrize("case", BAD_SETS, ids=lambda case: case.name)
def test_bad_set_is_refused_with_file_and_field(
    case: BadSet, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = make_bad(case, tmp_path)
    with pytest.raises(Refused) as refusal:
        read_capture_set(path)
    sentence = str(refusal.value)
    assert case.file in sentence
    assert case.field in sentence
    assert sentence.isprintable()
    assert len(sentence) < 500
    assert capfd.readouterr().err == "", "the decoder complains in its own words"


def test_doubled_name_in_an_archive_is_refused(tmp_path: Path) -> None:
    archive = zip_of(write_good_set(tmp_path / "good"), tmp_path / "set.zip")
    with zipfile.ZipFile(archive, "a") as out, pytest.warns(UserWarning, match="Duplicate"):
        out.writestr("white.png", b"another")
    with pytest.raises(Refused, match=r"white.png.*twice"):
        read_capture_set(archive)


def test_reference_label_is_never_opened(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    text = (folder / "capture.json").read_text()
    (folder / "capture.json").write_text(text.replace("{", '{"reference": "../../../etc/passwd",', 1))
    assert read_capture_set(folder).panel == "AM-0007-HOOD"


def test_fields_of_the_makers_own_are_ignored(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    text = (folder / "capture.json").read_text()
    (folder / "capture.json").write_text(text.replace("{", '{"mood": {"blue": [1, null]},', 1))
    assert read_capture_set(folder).pass_number == 2


def test_huge_header_is_refused_without_room_for_its_pixels(tmp_path: Path) -> None:
    folder = write_good_set(tmp_path / "good")
    (folder / "white.png").write_bytes(png_header(60_000, 60_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused, match="60000 x 60000"):
        read_capture_set(folder)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mib < 100, "7 GB would have been needed"


@pytest.mark.parametrize("file", ["capture.json", "white.tif", "diffuse.tif", "set.zip"])
def test_damaged_bytes_are_read_or_refused_but_never_a_fault(file: str, tmp_path: Path) -> None:
    """Bytes changed, cut and added at random, half of them near the start where headers are."""
    folder = tmp_path / "good"
    write_capture_set(good_frames(), folder, image_format="tiff")
    archive = zip_of(folder, tmp_path / "set.zip")
    target = archive if file == "set.zip" else folder / file
    whole = target.read_bytes()
    chance = random.Random(file)
    for _ in range(60):
        at = chance.randrange(len(whole) if chance.random() < 0.5 else min(len(whole), 200))
        cut, added = chance.randrange(4), chance.randbytes(chance.randrange(4))
        target.write_bytes(whole[:at] + added + whole[at + cut :])
        with contextlib.suppress(Refused):
            read_capture_set(archive if file == "set.zip" else folder)
