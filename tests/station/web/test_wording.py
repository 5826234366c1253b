"""Numbers, times and sentences as a person of the language writes them."""

from __future__ import annotations

import pytest

from station.web.languages import CHINESE, ENGLISH, LANGUAGES
from station.web.wording import Wording

zh, en = Wording(CHINESE), Wording(ENGLISH)


@pytest.mark.parametrize(
    ("value", "u", "text"),
    [
        (0.41873, 0.05, "0.42"),
        (0.41873, 0.012, "0.419"),
        (91.4349, 1.1, "91.4"),
        (1234.5, 30.0, "1,234"),
        (0.0000, 0.05, "0.00"),
        (-0.304, 0.06, "-0.30"),
        (3.14159, None, "3.14"),
        (72.8, 0.0, "72.8"),
    ],
)
def test_a_value_ends_where_its_uncertainty_begins(value: float, u: float | None, text: str) -> None:
    assert en.measured(value, u) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.9999, "99.9%"), (1.0, "100%"), (0.997, "99.7%"), (0.5, "50%"), (0.0004, "0%")]
)
def test_a_share_is_never_rounded_up_to_the_whole(ratio: float, text: str) -> None:
    assert en.share(ratio) == text


def test_a_time_is_the_one_on_the_stations_wall() -> None:
    assert en.moment("2026-11-22T09:30:00+08:00") == "22 Nov 2026, 09:30"
    assert zh.moment("2026-11-22T09:30:00+08:00") == "2026年11月22日 09:30"
    assert en.moment(None) == "time unknown"


def test_a_reason_is_a_sentence_with_the_plain_name_and_unit() -> None:
    values = {"measure": "haze_pct", "value": 5.7716, "unit": "%", "limit": 2.0}
    assert en.reason("check_fails", values, "").replace("\u00a0", " ") == "Haze is 5.77 %; the limit is 2 %."
    assert zh.reason("check_fails", values, "").replace("\u00a0", " ") == "雾影为 5.77 %，限值为 2 %。"


def test_a_count_has_no_unit() -> None:
    values = {"measure": "defect_count", "value": 3.0, "unit": "1", "limit": 1.0}
    assert en.reason("check_fails", values, "") == "Number of defects is 3; the limit is 1."


def test_one_pass_left_is_not_plural() -> None:
    assert en.reason("passes_left", {"left": 1}, "") == "One planned pass is left."
    assert en.reason("passes_left", {"left": 3}, "") == "3 planned passes are left."
    assert zh.reason("passes_left", {"left": 1}, "") == "计划中还有 1 道。"


def test_a_hold_says_its_doubt_where_there_is_one() -> None:
    near = en.reason("check_holds", {"measure": "haze_pct", "quality": ""}, "")
    doubtful = en.reason("check_holds", {"measure": "haze_pct", "quality": "NO_FRAMES"}, "")
    assert near == "Haze is too close to its limit to be sure."
    assert doubtful.startswith("Haze could not be judged: The frames")


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_reason_of_another_version_keeps_the_reports_own_sentence(language: object) -> None:
    words = Wording(language)  # type: ignore[arg-type]
    assert words.reason("unheard_of", {}, "The moon is full.") == "The moon is full."


def test_a_map_of_any_period_has_a_name() -> None:
    assert en.map_name("clarity_2.5mm_pct").replace("\u00a0", " ") == "Sharpness 2.5 mm"
    assert zh.map_name("gloss_gu") == "光泽"


def test_a_maps_name_says_its_period_or_azimuth() -> None:
    assert en.map_name("clarity_2.5mm_pct").replace("\u00a0", " ") == "Sharpness 2.5 mm"
    assert (en.map_name("lamp_090deg_ratio"), zh.map_name("lamp_090deg_ratio")) == ("Lamp 90°", "灯 90°")
