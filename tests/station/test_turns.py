"""Which pass is due, and when a person is asked."""

from __future__ import annotations

import pytest

from station.faults import Asks
from station.line.turns import due, settled


def last(pass_number: int, action: str) -> dict[str, object]:
    return {"pass_number": pass_number, "action": action}


@pytest.mark.parametrize("action", ["work_here", "full_pass"])
def test_the_next_pass_comes_without_a_question(action: str) -> None:
    assert settled("AM-1", due(last(2, action)), None, confirmed=False) == 3


def test_a_panel_that_was_to_be_wiped_is_measured_again_at_the_same_pass() -> None:
    assert settled("AM-1", due(last(2, "wipe_and_measure_again")), None, confirmed=False) == 2


@pytest.mark.parametrize("passes", [0, 1])
def test_a_new_panel_comes_as_sprayed_or_after_its_first_pass(passes: int) -> None:
    assert settled("AM-1", due(None), passes, confirmed=False) == passes


def test_of_a_new_panel_a_person_says_which() -> None:
    with pytest.raises(Asks, match="which pass") as asked:
        settled("AM-1", due(None), None, confirmed=False)
    assert asked.value.passes == (0, 1)


@pytest.mark.parametrize("action", ["release", "stop"])
def test_a_finished_panel_is_asked_about(action: str) -> None:
    with pytest.raises(Asks, match="after pass 4"):
        settled("AM-1", due(last(4, action)), None, confirmed=False)


@pytest.mark.parametrize("asked", [1, 2, 4])
def test_a_repeated_or_skipped_pass_is_asked_about_and_taken_when_it_is_meant(asked: int) -> None:
    now = due(last(2, "full_pass"))
    with pytest.raises(Asks, match=f"really pass {asked}"):
        settled("AM-1", now, asked, confirmed=False)
    assert settled("AM-1", now, asked, confirmed=True) == asked
