"""Files that the commands read and write; a refusal leaves nothing half written behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from inspection.refused import Refused

#: The rig of a large camera: every reference map at full resolution.
MAX_RIG_BYTES = 4 * 2**30


def read_bytes(path: Path, what: str, limit_bytes: int) -> bytes:
    """All bytes of a file named on the command line.

    Raises
    ------
    Refused
        No such file, a folder, larger than the limit, or not readable.
    """
    try:
        if not path.exists():
            raise Refused(f"{path}: {what}: does not exist")
        if not path.is_file():
            raise Refused(f"{path}: {what}: expected a regular file")
        with path.open("rb") as stream:
            data = stream.read(limit_bytes + 1)
    except OSError as fault:
        raise Refused(f"{path}: {what}: cannot be read ({fault.strerror})") from None
    if len(data) > limit_bytes:
        raise Refused(f"{path}: {what}: expected at most {limit_bytes} bytes")
    return data


def read_text(path: Path, what: str, limit_bytes: int) -> str:
    """The text of a UTF-8 file named on the command line; refused as in `read_bytes`, or when it is not UTF-8."""
    try:
        return read_bytes(path, what, limit_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused(f"{path}: {what}: not UTF-8 text (byte {fault.start})") from None


def check_output_file(path: Path, option: str) -> None:
    """Refuse a file that could not be written, before the long work begins."""
    if path.is_dir():
        raise Refused(f"{path}: {option}: is a folder, expected the name of a file")
    if not path.parent.is_dir():
        raise Refused(f"{path}: {option}: the folder {path.parent} does not exist")
    _check_writable(path.parent, path, option)


def check_output_folder(path: Path, option: str) -> None:
    """Refuse a folder that could not be made or written to, before the long work begins."""
    nearest = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise Refused(f"{path}: {option}: {nearest} is a file, expected a folder")
    _check_writable(nearest, path, option)


def _check_writable(folder: Path, path: Path, option: str) -> None:
    """Only doing it tells: rights, read-only disks and special folders all answer otherwise."""
    try:
        os.rmdir(tempfile.mkdtemp(prefix=".paint-station.", dir=folder))
    except OSError as fault:
        raise Refused(f"{path}: {option}: cannot write in {folder} ({fault.strerror})") from None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # Temporary files are private; the result has the rights of any other new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(unfinished, 0o666 & ~mask)
        os.replace(unfinished, path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
