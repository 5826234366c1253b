"""Run a function over strips of rows on every core.

A strip of a large picture stays in the processor's cache from the first to the last operation, so
the memory is read once and written once. The array libraries' own threads are switched off
inside: two layers of threads would fight for the same cores.

Between two array operations a thread needs the interpreter's lock. Waking a thread that waits for it takes
longer than an operation on a few rows: strips that are too small run slower on two cores than on one.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import cv2

T = TypeVar("T")

#: Pixels of one strip: a float32 buffer of 1 MB, some twenty of which stay in the last-level cache. A quarter of
#: it took a quarter longer on two cores, and less than on one core nothing was gained.
STRIP_PX = 262_144
#: A picture that makes fewer strips than this is cut finer, down to `SINGLE_THREAD_PX`: every core has something to
#: do. Not the number of cores: the same picture gives the same sums on any machine.
LEAST_STRIPS = 8
#: Fewer pixels than this are not worth a second thread.
SINGLE_THREAD_PX = 40_000

WORKERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
_POOL = ThreadPoolExecutor(WORKERS, thread_name_prefix="strips")
_HERE = threading.local()
cv2.setNumThreads(1)


def _keep_memory() -> None:
    """Have the C library keep freed maps for the next panel instead of giving them back to the system.

    Fresh memory costs more than most maps: the system clears every page of it first. glibc only; others do as
    they like. Numbers of the options: M_TRIM_THRESHOLD -1, M_TOP_PAD -2, M_MMAP_MAX -4 (mallopt(3)).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((-4, 0), (-1, 2**31 - 1), (-2, 64 * 2**20)):
            mallopt(option, value)


_keep_memory()


def in_strips(shape: tuple[int, ...], work: Callable[[slice], None]) -> None:
    """Call ``work(rows)`` for consecutive slices that cover all rows; order is not defined.

    Parameters
    ----------
    shape : tuple of int
        Rows, columns, …
    work : callable
        Writes only to the rows it is given. The first exception it raises is raised here.
    """
    rows, cols = shape[:2]
    pixels = min(STRIP_PX, max(SINGLE_THREAD_PX, rows * cols // LEAST_STRIPS))
    height = max(1, pixels // max(1, cols))
    strips = [slice(top, min(top + height, rows)) for top in range(0, rows, height)]
    if rows * cols <= SINGLE_THREAD_PX or _alone():
        for strip in strips:
            work(strip)
        return
    for done in [_POOL.submit(_inside, partial(work, strip)) for strip in strips]:
        done.result()


def side_by_side(*tasks: Callable[[], T]) -> list[T]:
    """The results of some tasks, each run on a core of its own; strips inside a task run one after the other.

    For what cannot be cut into strips. The first exception that a task raises is raised here.
    """
    if _alone():
        return [task() for task in tasks]
    return [done.result() for done in [_POOL.submit(_inside, task) for task in tasks]]


def _alone() -> bool:
    """There is one core, or this is one of the pool's own threads: it must not wait for the pool."""
    return WORKERS == 1 or getattr(_HERE, "inside", False)


def _inside(task: Callable[[], T]) -> T:
    _HERE.inside = True
    return task()
