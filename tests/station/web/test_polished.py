"""The card that says what polishing left all over the panel."""

from __future__ import annotations

from typing import Any

import pytest

from inspection.measures.hologram import Work
from station.web.languages import LANGUAGES
from station.web.polished import polished
from station.web.wording import Wording


def told(work: Work, **changes: Any) -> dict[str, Any]:
    """As in a report: straight marks three times as strong as what is seen."""
    return {
        "work": str(work), "oriented_ratio": 0.12, "u_oriented_ratio": 0.01, "every_way_ratio": 0.01,
        "u_every_way_ratio": 0.01, "visible_ratio": 0.04, "direction_deg": 34.6, "spread_deg": 2.1, "azimuths": 8,
    } | changes  # fmt: skip


@pytest.mark.parametrize(("language", "name"), [("en", "Straight sanding marks"), ("zh", "直线打磨痕")])
def test_kind_direction_and_visibility_are_said(language: str, name: str) -> None:
    card = polished(told(Work.STRAIGHT), Wording(LANGUAGES[language]))
    assert card is not None
    assert (card.name, card.icon, card.turn_deg) == (name, "scratch", -34.6)
    strength, direction, lamps = card.sentences
    assert "12%" in strength
    assert "3.0" in strength
    assert "35°" in direction
    assert "8" in lamps


def test_arcs_are_said_to_turn() -> None:
    card = polished(told(Work.ROTARY, spread_deg=21.3), Wording(LANGUAGES["en"]))
    assert card is not None
    assert "± 21°" in card.sentences[1]


@pytest.mark.parametrize("work", [Work.ORBITAL, Work.NONE, Work.UNSURE])
def test_what_has_no_direction_says_none(work: Work) -> None:
    card = polished(told(work, direction_deg=None, spread_deg=None), Wording(LANGUAGES["en"]))
    assert card is not None
    assert card.turn_deg is None
    assert not any("°" in sentence for sentence in card.sentences)


def test_no_lamps_no_card() -> None:
    assert polished(None, Wording(LANGUAGES["en"])) is None
