"""The rig file: what goes in comes out bit by bit, and nothing damaged is ever used."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration import calibrate
from calibration.rig_file import pack, unpack
from inspection.refused import Refused
from inspection.rig import Rig
from samples.scene import render_reference
from samples.stations import NAMED

HARD = settings(max_examples=150, deadline=None, derandomize=True)


@cache
def rig(name: str = "B") -> Rig:
    return calibrate([render_reference(NAMED[name].sized(24), seed=1)])


@cache
def data() -> bytes:
    return pack(rig())


@pytest.mark.parametrize("name", ["A", "B", "C", "poor"])
def test_a_rig_comes_back_bit_by_bit(name: str) -> None:
    back = unpack(pack(rig(name)), "a.rig")
    assert back.header() == rig(name).header()
    assert back.sha256 == rig(name).sha256
    assert back.geometry == rig(name).geometry
    assert back.sensor == rig(name).sensor
    for key, array in rig(name).arrays().items():
        assert back.arrays()[key].dtype == array.dtype
        assert np.array_equal(back.arrays()[key], array, equal_nan=True), key


def test_a_rig_without_tile_comes_back_without() -> None:
    assert unpack(pack(replace(rig(), tile=None)), "a.rig").tile is None


def test_places_that_were_not_seen_stay_nan() -> None:
    holed = rig().screen_u_mm.copy()
    holed[3:5, 3:5] = np.nan
    back = unpack(pack(replace(rig(), screen_u_mm=holed)), "a.rig")
    assert np.array_equal(np.isnan(back.screen_u_mm), np.isnan(holed))


def test_the_same_rig_is_the_same_bytes() -> None:
    again = calibrate([render_reference(NAMED["B"].sized(24), seed=1)])
    assert pack(again) == data()
    assert pack(unpack(data(), "a.rig")) == data()


def test_the_hash_is_of_everything() -> None:
    offset = rig().offset.copy()
    offset[0, 0] = np.nextafter(offset[0, 0], np.float32(1))
    later = replace(rig(), expires_at="2030-01-01T00:00:00+08:00")
    others = [replace(rig(), offset=offset), replace(rig(), glass_n=1.5671), later]
    assert len({rig().sha256, *(other.sha256 for other in others)}) == 4


def refused(content: bytes) -> str | None:
    """The refusal's sentence; None where the file gave the very same rig all the same. Anything else fails."""
    try:
        back = unpack(content, "a.rig")
    except Refused as refusal:
        return str(refusal)
    assert back.sha256 == rig().sha256
    return None


@HARD
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing(place: float, flip: int) -> None:
    """Header, arrays, ZIP's own tables: every byte counts, but for those ZIP does not use."""
    broken = bytearray(data())
    broken[int(place * len(broken))] ^= flip
    sentence = refused(bytes(broken)) or "a.rig: good"
    assert sentence.startswith("a.rig: ")
    assert "\n" not in sentence


def test_a_changed_byte_anywhere_in_the_first_kilobytes_is_refused_or_changes_nothing() -> None:
    """The JSON header and the first array's own header, byte by byte."""
    sentences = []
    for at in range(0, 4000, 7):
        broken = bytearray(data())
        broken[at] ^= 0x15
        sentences.append(refused(bytes(broken)))
    assert len([s for s in sentences if s]) > 500


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.3, 0.5, 0.9, 0.99, 0.9999])
def test_a_rig_that_was_cut_off_is_refused(share: float) -> None:
    with pytest.raises(Refused, match=r"^a\.rig: damaged or not a rig file"):
        unpack(data()[: int(share * len(data()))], "a.rig")


@HARD
@given(st.binary(max_size=400))
def test_no_rubbish_is_a_rig(rubbish: bytes) -> None:
    with pytest.raises(Refused, match=r"^a\.rig: "):
        unpack(rubbish, "a.rig")


def edited(change: object) -> bytes:
    """The file with another header, well packed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data())) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "rig.json":
                header = json.loads(content)
                content = json.dumps(change(header)).encode()  # type: ignore[operator]
            new.writestr(entry.filename, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h | {"format": "paint-rig/2"}, lambda h: h | {"glass_n": 1.6}, lambda h: h | {"glass_n": "1.567"},
        lambda h: h | {"expires_at": "2036-11-22T09:30:00+08:00"}, lambda h: h | {"sensor": None}, lambda h: [],
        lambda h: {k: v for k, v in h.items() if k != "sha256"}, lambda h: h | {"geometry": {}},
        lambda h: h | {"terms": 1}, lambda h: h | {"fringes": [["x", 7.0]]}, lambda h: h | {"fringes": 3},
        lambda h: h | {"noise": {"constant": 1.0}}, lambda h: None, lambda h: h | {"sensor": h["sensor"] | {"more": 1}},
    ],
)  # fmt: skip
def test_an_edited_header_is_refused(change: object) -> None:
    with pytest.raises(Refused, match=r"^a\.rig: "):
        unpack(edited(change), "a.rig")


def test_an_untouched_copy_by_another_packer_is_good() -> None:
    assert unpack(edited(lambda h: h), "a.rig").sha256 == rig().sha256


def test_an_array_of_objects_is_never_read() -> None:
    """Pickled content could run code."""
    buffer, array = io.BytesIO(), io.BytesIO()
    np.save(array, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(io.BytesIO(data())) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, array.getvalue() if entry.filename == "offset.npy" else old.read(entry))
    with pytest.raises(Refused, match=r"^a\.rig: damaged"):
        unpack(buffer.getvalue(), "a.rig")
