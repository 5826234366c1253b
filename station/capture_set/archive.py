"""Where the bytes of a capture set come from: a folder, or a zip of one. Nothing leads outside."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Protocol

from inspection.refused import Refused

MANIFEST = "capture.json"
MAX_ENTRIES = 4096


class Source(Protocol):
    """Files by the name that the manifest gives them."""

    def named(self, member: str) -> str:
        """The file as a person would name it."""

    def read(self, member: str, limit_bytes: int) -> bytes:
        """All bytes of a file of at most `limit_bytes`; Refused where it is missing, larger or outside."""


class FolderSource:
    """A capture set in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._inside = folder.resolve()

    def named(self, member: str) -> str:
        """The path, as given on the command line."""
        return str(self._folder / member)

    def read(self, member: str, limit_bytes: int) -> bytes:
        """See `Source`. Links are followed as long as they stay in the folder."""
        name = self.named(member)
        try:
            path = (self._folder / member).resolve(strict=True)
            if not path.is_relative_to(self._inside):
                raise Refused(f"{name}: file: the link leads out of the folder")
            found = path.stat()
            # A pipe or device would block or never end.
            if not stat.S_ISREG(found.st_mode):
                raise Refused(f"{name}: file: expected a regular file")
            if found.st_size > limit_bytes:
                raise Refused(f"{name}: file: expected at most {limit_bytes} bytes, found {found.st_size}")
            with path.open("rb") as stream:
                return stream.read(limit_bytes)
        except FileNotFoundError:
            raise Refused(f"{name}: file: does not exist") from None
        except (OSError, RuntimeError) as fault:
            raise Refused(f"{name}: file: cannot be read ({fault.__class__.__name__})") from None


class ZipSource:
    """A capture set in a zip archive, at its top or in one folder of it."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            raise Refused(f"{name}: file: expected at most {MAX_ENTRIES} entries, found {len(entries)}")
        for entry in entries:
            self._check(entry)
        twice = [entry for entry, count in Counter(e.filename for e in entries).items() if count > 1]
        if twice:
            raise Refused(f"{name}: file: {twice[0]!r} is in the archive twice")
        self._entries = {entry.filename: entry for entry in entries if not entry.is_dir()}
        self._top = self._top_folder()

    def _check(self, entry: zipfile.ZipInfo) -> None:
        path = PurePosixPath(entry.filename)
        if not path.parts:
            raise Refused(f"{self._name}: file: an entry has no name")
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or PureWindowsPath(entry.filename).drive:
            raise Refused(f"{self._name}: file: entry {entry.filename!r} leads out of the archive")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused(f"{self._name}: file: entry {entry.filename!r} is a link or a special file")
        if entry.flag_bits & 1:
            raise Refused(f"{self._name}: file: entry {entry.filename!r} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(f"{self._name}: file: entry {entry.filename!r} is not stored or deflated")

    def _top_folder(self) -> str:
        if MANIFEST in self._entries:
            return ""
        tops = [
            name.removesuffix(MANIFEST)
            for name in self._entries
            if PurePosixPath(name).name == MANIFEST
            and len(PurePosixPath(name).parts) == 2
            and not name.startswith("__MACOSX/")
        ]
        if len(tops) != 1:
            raise Refused(
                f"{self._name}: file: expected one {MANIFEST}, at the top or in one folder, found {len(tops)}"
            )
        return tops[0]

    def named(self, member: str) -> str:
        """The archive and the entry in it."""
        return f"{self._name}:{self._top}{member}"

    def read(self, member: str, limit_bytes: int) -> bytes:
        """See `Source`. No more than `limit_bytes` are ever unpacked, whatever the archive claims."""
        name = self.named(member)
        entry = self._entries.get(self._top + member)
        if entry is None:
            raise Refused(f"{name}: file: is not in the archive")
        if entry.file_size > limit_bytes:
            raise Refused(f"{name}: file: expected at most {limit_bytes} bytes, unpacks to {entry.file_size}")
        try:
            with self._archive.open(entry) as stream:
                data = stream.read(limit_bytes + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as fault:
            raise Refused(f"{name}: file: damaged in the archive ({fault.__class__.__name__})") from None
        if len(data) != entry.file_size:
            raise Refused(f"{name}: file: expected {entry.file_size} bytes as the archive says, found {len(data)}")
        return data


class MemorySource:
    """A capture set whose files are in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def named(self, member: str) -> str:
        """The name alone."""
        return member

    def read(self, member: str, limit_bytes: int) -> bytes:
        """See `Source`."""
        data = self._files.get(member)
        if data is None:
            raise Refused(f"{member}: file: is missing")
        if len(data) > limit_bytes:
            raise Refused(f"{member}: file: expected at most {limit_bytes} bytes, found {len(data)}")
        return data


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a folder or a zip archive of a capture set.

    Raises
    ------
    Refused
        Neither of the two, or an archive that is damaged or holds links, doubled names or outside paths.
    """
    try:
        is_folder, exists, is_file = path.is_dir(), path.exists(), path.is_file()
    except OSError as fault:
        raise Refused(f"{path}: file: cannot be read ({fault.strerror})") from None
    if not exists:
        raise Refused(f"{path}: file: does not exist; expected the folder or zip of a capture set")
    if is_folder:
        yield FolderSource(path)
        return
    if not is_file:
        raise Refused(f"{path}: file: expected the folder or zip of a capture set")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, struct.error, OSError, ValueError, NotImplementedError) as fault:
        raise Refused(
            f"{path}: file: expected a folder or a readable zip of a capture set ({fault.__class__.__name__})"
        ) from None
    with archive:
        yield ZipSource(archive, str(path))
