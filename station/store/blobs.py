"""Content-addressed files: ``blobs/ab/cdef…``, named by the SHA-256 of what is in them.

A file appears under its name only when it is whole and on the disk, and `put_all` returns only when
the names are on the disk too. A crash leaves at worst files that no row names: harmless, see `orphans`.

Files are deleted only by who holds the folder alone: nobody is between writing a file and naming it then, and no
backup is copying. Threads and programs share one lock file for that.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from station.faults import Busy

#: One content in pieces that are hashed and written one after the other, without joining them.
Pieces: TypeAlias = Sequence[bytes | memoryview]

INCOMING: Final = "incoming"
LOCK: Final = "lock"
#: How often a lock that others hold is tried again.
_TRY_AGAIN_S: Final = 0.05


class Blobs:
    """The folder of content-addressed files.

    Parameters
    ----------
    folder : Path
        Created where absent.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._incoming = folder / INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._lock_file = folder / LOCK
        self._lock_file.touch()

    def path(self, sha256: str) -> Path:
        """Where a content lies, whether it exists or not."""
        return path_in(self.folder, sha256)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """While the block goes on nothing is deleted: from the first file to the row that names it, or a backup."""
        with kept_in(self.folder):
            yield

    @contextmanager
    def alone(self, patience_s: float = 30.0) -> Iterator[None]:
        """Nobody else writes, names or copies files while the block goes on: what no row names may be deleted.

        Raises
        ------
        Busy
            Others did not let go within `patience_s`.
        """
        with open(self._lock_file, "ab") as file:
            given_up = time.monotonic() + patience_s
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > given_up:
                        raise Busy(
                            "frames are being stored or backed up: try again when that is done", "busy_with_files"
                        ) from None
                    time.sleep(_TRY_AGAIN_S)
            yield

    def size(self, sha256s: Iterable[str]) -> int:
        """Bytes of some contents together."""
        return sum(self.path(one).stat().st_size for one in sha256s)

    def delete(self, paths: Iterable[Path]) -> tuple[int, int]:
        """Delete files; only to be called `alone`. Returns how many there were, and their bytes."""
        files = freed = 0
        for path in paths:
            try:
                size = path.stat().st_size
            except FileNotFoundError:
                continue
            path.unlink()
            files, freed = files + 1, freed + size
        return files, freed

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
            sync_folder(folder)
        return names

    def read(self, sha256: str) -> bytes:
        """The content, proven by its hash.

        Raises
        ------
        OSError
            The file is missing, or its content is no longer what was written.
        """
        return read_in(self.folder, sha256)

    def open_array(self, sha256: str) -> NDArray[np.float32]:
        """A stored ``.npy`` array, memory-mapped read-only: one value costs one page, not the whole map."""
        array: NDArray[np.float32] = np.load(self.path(sha256), mmap_mode="r", allow_pickle=False)
        return array

    def orphans(self, named: set[str]) -> Iterator[Path]:
        """Files that nothing in `named` (hashes) refers to, unfinished ones included."""
        for path in files_in(self.folder):
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


@contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """See `Blobs.kept`; a folder that nobody writes to, such as a backup that was copied elsewhere, needs no lock."""
    lock = folder / LOCK
    if not lock.exists():
        yield
        return
    with open(lock, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def path_in(folder: Path, sha256: str) -> Path:
    """Where a content lies in a folder of content-addressed files."""
    return folder / sha256[:2] / sha256[2:]


def read_in(folder: Path, sha256: str) -> bytes:
    """The content of a file of such a folder; see `Blobs.read`."""
    path = path_in(folder, sha256)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise OSError(f"{path}: the content does not match its name: the disk damaged it")
    return content


def files_in(folder: Path) -> Iterator[Path]:
    """Every file of such a folder, unfinished ones included, in order."""
    for inner in sorted(one for one in folder.iterdir() if one.is_dir()):
        yield from sorted(inner.iterdir())


def hash_of(path: Path) -> str:
    """SHA-256 of a file, without holding it in memory."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
