"""How much the released panels of a recipe differ, from the store."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from records import frames_of, recipe_of, report_of, rig_of

from inspection.report import Action
from station.store.db import Store

VALUES = (80.0, 82.0, 87.0)


def released(store: Store, panel: str, value: float, action: Action = Action.RELEASE) -> None:
    frames, recipe = frames_of(3, panel=panel), recipe_of()
    rig = rig_of(frames)
    report = report_of(frames, rig, recipe)
    findings = tuple(
        replace(f, value=value) if f.measure == "clarity_pct" else replace(f, value=None) for f in report.findings
    )
    report = replace(report, findings=findings, next_step=replace(report.next_step, action=action))
    store.save(report, frames=frames, rig=rig, recipe=recipe, maps={})


def test_a_recipe_s_spread_is_the_variance_between_its_released_panels(store: Store) -> None:
    for number, value in enumerate(VALUES):
        released(store, f"P-{number}", value)
    released(store, "P-bad", 20.0, Action.FULL_PASS)
    with store.reader() as reader:
        known, own = reader.spreads(but="another"), reader.spreads(but="amethyst")
    [(asked, [spread])] = known.items()
    assert asked == "clarity_pct period_mm=12.0"
    assert spread.variance == pytest.approx(np.var(VALUES, ddof=1))
    assert spread.freedom == 2
    assert own == {}


def test_of_a_panel_measured_again_only_the_newest_inspection_counts(store: Store) -> None:
    for value in VALUES:
        released(store, "P-1", value)
    with store.reader() as reader:
        assert reader.spreads(but="another") == {}
