"""Work on strips and side by side: complete, in any place, and nothing is swallowed."""

from __future__ import annotations

import numpy as np
import pytest

from inspection.strips import in_strips, side_by_side


@pytest.mark.parametrize("shape", [(1, 5), (7, 3), (900, 1000), (1, 600_000), (600_000, 1), (300, 40_000)])
def test_every_row_is_worked_on_once(shape: tuple[int, int]) -> None:
    times = np.zeros(shape[0], int)

    def work(rows: slice) -> None:
        times[rows] += 1

    in_strips(shape, work)
    assert (times == 1).all()


def test_results_come_in_the_order_of_the_tasks() -> None:
    assert side_by_side(*(lambda i=i: i for i in range(9))) == list(range(9))


def test_a_task_that_works_on_strips_does_not_wait_for_itself() -> None:
    """As many tasks as cores, each of which wants every core."""
    totals = np.zeros(8)

    def task(i: int) -> None:
        def work(rows: slice) -> None:
            totals[i] += rows.stop - rows.start

        in_strips((900, 1000), work)

    side_by_side(*(lambda i=i: task(i) for i in range(8)))
    assert (totals == 900).all()


def test_a_fault_in_a_strip_or_a_task_is_raised() -> None:
    def fails(rows: slice) -> None:
        raise ZeroDivisionError(rows)

    with pytest.raises(ZeroDivisionError):
        in_strips((900, 1000), fails)
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda: 1 // 0, lambda: 1)
