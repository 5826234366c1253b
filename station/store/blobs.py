"""Content-addressed files: ``blobs/ab/cdef…``, named by the SHA-256 of what is in them.

A file appears under its name only when it is whole and on the disk, and `put_all` returns only when
the names are on the disk too. A crash leaves at worst files that no row names: harmless, see `orphans`.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: One content in pieces that are hashed and written one after the other, without joining them.
Pieces: TypeAlias = Sequence[bytes | memoryview]


class Blobs:
    """The folder of content-addressed files.

    Parameters
    ----------
    folder : Path
        Created where absent.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where a content lies, whether it exists or not."""
        return self.folder / sha256[:2] / sha256[2:]

    def put_all(self, contents: Iterable[Pieces]) -> list[str]:
        """Write contents and make sure they survive a power cut before returning.

        Parameters
        ----------
        contents : iterable of Pieces
            Taken one at a time, so a generator keeps memory low.

        Returns
        -------
        list of str
            The hash of each, in order.

        Raises
        ------
        OSError
            The disk is full or broken; nothing under a final name is half written.
        """
        names = [self._put(pieces) for pieces in contents]
        folders = {self.path(name).parent for name in names}
        for folder in [*sorted(folders), self.folder, self.folder.parent]:
            _sync_folder(folder)
        return names

    def read(self, sha256: str) -> bytes:
        """The content, proven by its hash.

        Raises
        ------
        OSError
            The file is missing, or its content is no longer what was written.
        """
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise OSError(f"{self.path(sha256)}: the content does not match its name: the disk damaged it")
        return content

    def open_array(self, sha256: str) -> NDArray[np.float32]:
        """A stored ``.npy`` array, memory-mapped read-only: one value costs one page, not the whole map."""
        array: NDArray[np.float32] = np.load(self.path(sha256), mmap_mode="r", allow_pickle=False)
        return array

    def orphans(self, named: set[str]) -> Iterator[Path]:
        """Files that nothing in `named` (hashes) refers to, unfinished ones included."""
        for path in sorted(self.folder.glob("*/*")):
            if path.parent.name + path.name not in named:
                yield path

    def _put(self, pieces: Pieces) -> str:
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        name = digest.hexdigest()
        target = self.path(name)
        if target.exists():
            return name
        target.parent.mkdir(exist_ok=True)
        unfinished = self._incoming / f"{name}.{os.getpid()}.{threading.get_ident()}"
        try:
            with open(unfinished, "wb", buffering=0) as file:
                for piece in pieces:
                    _write(file.fileno(), piece)
                os.fsync(file.fileno())
            os.replace(unfinished, target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        return name


def array_pieces(array: NDArray[np.float32]) -> Pieces:
    """An array as the pieces of a ``.npy`` file (format 1.0), without copying its data."""
    whole = np.ascontiguousarray(array)
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(whole))
    return (header.getvalue(), whole.reshape(-1).view(np.uint8).data)


def _write(descriptor: int, piece: bytes | memoryview) -> None:
    """Write it all: the system may take less than it is given."""
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
