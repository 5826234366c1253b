"""Capture sets, `paint-capture/1`: the one reader and writer of frames, folders and zips of them."""

from station.capture_set.looking import picture_of, write_map
from station.capture_set.pictures import decode_frame, encode_frame, encode_png
from station.capture_set.reading import frames_from, read_capture_set
from station.capture_set.sealing import sealed
from station.capture_set.writing import manifest_of, write_capture_set

__all__ = [
    "decode_frame",
    "encode_frame",
    "encode_png",
    "frames_from",
    "manifest_of",
    "picture_of",
    "read_capture_set",
    "sealed",
    "write_capture_set",
    "write_map",
]
