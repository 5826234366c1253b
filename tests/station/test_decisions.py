"""Risks of a recipe's checks: from its own panels where there are enough, assumed and said so where there are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_runs import refused
from conftest import save_in
from fastapi.testclient import TestClient
from records import RECIPE_TEXT, frames_of, maps_of, recipe_of, report_of, rig_of, story_of

from inspection.risk import risks
from station.__main__ import main
from station.decisions import Decision, decisions
from station.store.db import Store

PANELS = 12


def measure_panels(store: Store, count: int = PANELS, *, simulated: bool = True, name: str = "AM") -> list[float]:
    """Stores the third pass of some panels whose values scatter; returns what `delta_e00` was."""
    rng, values = np.random.default_rng(2), []
    for number in range(count):
        frames = replace(
            frames_of(3), panel=f"{name}-{number:04d}", sha256=f"{name}{number}".encode().hex().zfill(64),
            simulated=simulated,
        )  # fmt: skip
        recipe, rig = recipe_of(), replace(rig_of(frames), simulated=simulated)
        report = report_of(frames, rig, recipe, **story_of(3))
        value = 0.5 + 0.05 * float(rng.standard_normal())
        findings = tuple(
            replace(one, value=value, u=0.03, u_noise=0.01, quality=()) if one.measure == "delta_e00" else one
            for one in report.findings
        )
        store.save(
            replace(report, findings=findings, simulated=simulated),
            frames=frames,
            rig=rig,
            recipe=recipe,
            maps=maps_of(3),
        )
        values.append(value)
    return values


def of_colour(store: Store) -> Decision:
    with store.reader() as reader:
        found = decisions(reader, recipe_of())
    assert [one.check_no for one in found] == list(range(len(recipe_of().checks)))
    return next(one for one in found if one.check.measure == "delta_e00")


def test_risks_rest_on_the_panels_of_the_recipe(store: Store) -> None:
    values = measure_panels(store)
    one = of_colour(store)
    assert one.prior is not None
    assert one.prior.panels == PANELS
    assert one.prior.mean == pytest.approx(np.mean(values))
    assert one.prior.sd == pytest.approx((np.var(values, ddof=1) - 0.01**2) ** 0.5)
    assert (one.u, one.u_of_others, one.simulated) == (0.03, False, True)
    assert one.risks == risks(one.prior, 0.03, one.check.low, one.check.high)


def test_few_panels_leave_the_prior_assumed(store: Store) -> None:
    measure_panels(store, 3)
    one = of_colour(store)
    assert one.prior is not None
    assert one.prior.panels == 0
    assert one.u == 0.03


def test_another_attempt_at_a_pass_is_the_same_panel(store: Store) -> None:
    measure_panels(store, 4)
    save_in(store, replace(frames_of(3), panel="AM-0001"))
    assert of_colour(store).prior is not None
    with store.reader() as reader:
        assert len([row for row in reader.measured("amethyst", "delta_e00") if row["region"] == "whole"]) == 4


def test_real_panels_count_alone_where_there_are_some(store: Store) -> None:
    measure_panels(store)
    measure_panels(store, 9, simulated=False, name="REAL")
    one = of_colour(store)
    assert one.prior is not None
    assert (one.prior.panels, one.simulated) == (9, False)


def test_a_new_recipe_borrows_the_uncertainty_of_others(store: Store) -> None:
    measure_panels(store)
    new = recipe_of(RECIPE_TEXT.replace('name = "amethyst"', 'name = "jade"'))
    with store.reader() as reader:
        one = next(d for d in decisions(reader, new) if d.check.measure == "delta_e00")
    assert (one.u, one.u_of_others) == (0.03, True)
    assert one.prior is not None
    assert one.prior.panels == 0


def test_what_was_never_measured_has_no_risk(store: Store) -> None:
    one = of_colour(store)
    assert (one.u, one.prior, one.risks) == (None, None, None)


@pytest.mark.parametrize(("language", "word"), [("en", "12 simulated panels"), ("zh", "12 块模拟板")])
def test_the_recipe_s_page_shows_its_risks(store: Store, client: TestClient, language: str, word: str) -> None:
    measure_panels(store)
    text = client.get("/recipes/amethyst", headers={"accept-language": language}).text
    assert word in text
    items = client.get("/api/recipes/amethyst/risk").json()["items"]
    [item] = [one for one in items if one["check"]["measure"] == "delta_e00"]
    assert 0 < item["risks"]["passed_outside"] + item["risks"]["held_inside"] < 1
    assert item["prior"]["panels"] == PANELS


def test_the_command_prints_a_line_for_each_check(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure_panels(store)
    capsys.readouterr()
    assert main(["recipe", "risk", "amethyst", "--db", str(store.path)]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if " delta_e00 " in line]
    assert "12 panels" in line
    assert "SIMULATED" in line
    assert "no such database" in refused(capsys, ["recipe", "risk", "amethyst", "--db", str(tmp_path / "no.db")])
