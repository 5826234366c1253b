"""Kinds: what physics rules out, what is learned, and how sure it may be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspection.defects import classify as naming
from inspection.defects.candidates import Shape
from inspection.defects.classify import classify, impossible, shipped
from inspection.defects.contrast import Contrast
from inspection.defects.description import Basis, Description
from inspection.defects.features import NAMES, vector_of
from inspection.defects.kinds import ABOUT, Kind
from inspection.defects.learn import Labelled, learn, learned_of
from inspection.refused import Refused
from samples.stations import NAMED
from station.training import sample_marks

NIB = Description(
    basis=Basis.BUMP, shape=Shape.POINT, x_mm=20.0, y_mm=20.0, length_mm=1.6, width_mm=1.5, area_mm2=1.9,
    angle_deg=None, height_um=6.0, u_place_mm=0.02, u_length_mm=0.1, u_width_mm=0.1, u_height_um=0.4, rim_um=0.0,
    explained_ratio=0.97, relief_significance=60.0, significance=60.0, slope_mrad=10.0, specks=1,
    contrast=Contrast(fine_loss_ratio=0.9, clarity_loss_ratio=0.3), pixel_mm=0.4, box_mm=(19.0, 19.0, 21.0, 21.0),
)  # fmt: skip
#: Numbers that neither the training nor the scoring draws.
UNSEEN_SEED = 700_000


def test_what_stands_up_is_no_hollow_and_what_lies_down_is_no_nib() -> None:
    assert {Kind.CRATER, Kind.PINHOLE} <= impossible(NIB)
    assert Kind.NIB not in impossible(NIB)
    assert {Kind.NIB, Kind.RUN} <= impossible(replace(NIB, height_um=-6.0))


def test_a_doubtful_sign_rules_nothing_out() -> None:
    doubtful = replace(NIB, height_um=-2.0, u_height_um=1.5)
    assert not {Kind.NIB, Kind.CRATER} & impossible(doubtful)


def test_without_relief_there_is_no_nib_crater_run_or_dent() -> None:
    flat = replace(NIB, basis=Basis.FOOTPRINT, height_um=None, u_height_um=None)
    assert {Kind.NIB, Kind.CRATER, Kind.RUN, Kind.DENT} <= impossible(flat)
    assert not {Kind.DUST, Kind.PINHOLE} & impossible(flat)


def test_a_thread_is_a_scratch_and_nothing_else() -> None:
    thread = replace(NIB, length_mm=12.0, width_mm=0.5)
    assert set(Kind) - impossible(thread) == {Kind.SCRATCH}


def test_a_speck_too_bright_for_the_colour_frame_is_matter_that_lies_there() -> None:
    speck = replace(
        NIB, basis=Basis.FOOTPRINT, height_um=None, u_height_um=None, length_mm=0.8, width_mm=0.7,
        contrast=Contrast(unseen_ratio=1.0, glare_ratio=1.0),
    )  # fmt: skip
    assert classify(speck)[0] is Kind.DUST


def test_a_nib_is_called_a_nib_and_surely() -> None:
    kind, confidence = classify(NIB)
    assert kind is Kind.NIB
    assert confidence > 0.9


@pytest.mark.parametrize(("kind", "height_um"), [(Kind.NIB, -33.0), (Kind.RUN, -8.0), (Kind.CRATER, 6.0)])
def test_a_kind_that_contradicts_the_sign_of_the_height_is_not_named(
    kind: Kind, height_um: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = shipped()
    sure = np.where([one is kind for one in known.kinds], 0.99, 0.001)[None]
    monkeypatch.setattr(type(known), "probabilities", lambda *_: sure)
    doubtful = replace(NIB, height_um=height_um, u_height_um=2 * abs(height_um), length_mm=8.0, width_mm=5.0)
    assert classify(doubtful)[0] is Kind.UNKNOWN
    assert classify(replace(doubtful, height_um=-height_um))[0] is kind


def test_a_speck_is_nothing_that_a_pad_wore_through() -> None:
    speck = replace(NIB, basis=Basis.FOOTPRINT, height_um=None, u_height_um=None, contrast=Contrast(delta_e00=20.0))
    assert Kind.BURN_THROUGH in impossible(speck)
    assert Kind.BURN_THROUGH not in impossible(replace(speck, length_mm=6.0, width_mm=5.5))


def test_no_kind_is_named_below_one_half(monkeypatch: pytest.MonkeyPatch) -> None:
    known = shipped()
    blank = replace(known, weights=np.zeros_like(known.weights))
    monkeypatch.setattr(naming, "shipped", lambda: blank)
    kind, confidence = classify(NIB)
    assert kind is Kind.UNKNOWN
    assert confidence < 0.5


def test_every_kind_but_unknown_has_a_name_in_both_languages_and_an_origin() -> None:
    assert set(ABOUT) == set(Kind)
    for kind, about in ABOUT.items():
        assert about.names["en"], kind
        assert about.names["zh"], kind
        assert about.origins, kind
    assert set(shipped().kinds) == set(Kind) - {Kind.UNKNOWN}


def marks_around(kind: Kind, height_um: float, rng: np.random.Generator, n: int = 40) -> list[Labelled]:
    made = []
    for i in range(n):
        mark = replace(NIB, height_um=height_um * float(np.exp(0.3 * rng.standard_normal())))
        made.append(Labelled(mark.features(), kind, f"panel {i % 10}"))
    return made


def test_learning_tells_apart_what_differs_and_writes_the_same_text_for_the_same_marks() -> None:
    rng = np.random.default_rng(4)
    marks = marks_around(Kind.NIB, 6.0, rng) + marks_around(Kind.CRATER, -6.0, rng)
    known = learn(marks)
    assert learn(marks).text == known.text
    assert learned_of(known.text).text == known.text
    p = known.probabilities(np.array([vector_of(mark.features) for mark in marks]))
    assert [known.kinds[i] for i in p.argmax(1)] == [mark.kind for mark in marks]
    assert len(shipped().text.encode()) < 50_000


def test_labels_that_contradict_each_other_make_it_unsure() -> None:
    rng = np.random.default_rng(5)
    marks = marks_around(Kind.NIB, 6.0, rng) + marks_around(Kind.DUST, 6.0, rng)
    known = learn(marks)
    p = known.probabilities(np.array([vector_of(mark.features) for mark in marks]))
    assert p.max() < 0.75


def test_one_kind_teaches_nothing_and_other_features_are_refused() -> None:
    with pytest.raises(Refused, match="two kinds"):
        learn(marks_around(Kind.NIB, 6.0, np.random.default_rng(6)))
    with pytest.raises(Refused, match="features"):
        learned_of(shipped().text.replace(f'"{NAMES[0]}"', '"log_weight_kg"'))
    with pytest.raises(Refused, match="format"):
        learned_of('{"format": "paint-kinds/9"}')


def test_confidence_is_the_share_of_right_names_on_panels_it_never_saw() -> None:
    stations = (NAMED["A"].sized(240), NAMED["B"].sized(240))
    marks = sample_marks(5, stations, first_seed=UNSEEN_SEED)
    known = shipped()
    p = known.probabilities(np.array([vector_of(mark.features) for mark in marks]))
    right = np.array([known.kinds[i] is mark.kind for i, mark in zip(p.argmax(1), marks, strict=True)])
    sure = p.max(1)
    assert len(marks) >= 35
    assert right.mean() >= 0.85  # swirl and hologram count apart here
    chance = float(np.sqrt((sure * (1 - sure)).sum())) / len(marks)
    assert abs(sure.mean() - right.mean()) <= 0.05 + 2 * chance
