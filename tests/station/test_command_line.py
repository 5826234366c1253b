"""The command line: what it answers, where it writes, and how it refuses."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from bad_sets import BAD_SETS, BadSet, make_bad
from command_runs import STATION, everything_under, inspect_arguments, refused
from small_sets import write_good_set

from samples.panels import amethyst_story
from samples.scene import render
from station.__main__ import main
from station.capture_set import write_capture_set

A_WEEK_LATER = "2026-11-29T09:30:00+08:00"


# Refusals


@pytest.mark.parametrize("case", BAD_SETS, ids=lambda case: case.name)
def test_bad_set_ends_in_one_line_and_leaves_nothing(
    case: BadSet, world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_bad(case, tmp_path)
    before = everything_under(tmp_path)
    report, maps, database = (str(tmp_path / name) for name in ("report.json", "maps", "station.db"))
    line = refused(capsys, inspect_arguments(world, path, "--json", report, "--maps", maps, "--db", database))
    assert case.file in line
    assert case.field in line
    assert everything_under(tmp_path) == before


@pytest.mark.parametrize("case", BAD_SETS[::8], ids=lambda case: case.name)
@pytest.mark.parametrize(("command", "option"), [("calibrate", "--out"), ("decode", "--maps")])
def test_every_command_that_reads_a_set_refuses_alike(
    case: BadSet, command: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_bad(case, tmp_path)
    before = everything_under(tmp_path)
    assert case.field in refused(capsys, [command, str(path), option, str(tmp_path / "output")])
    assert everything_under(tmp_path) == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["polish"],
        ["inspect"],
        ["decode", "x"],
        ["recipe"],
        ["recipe", "learn"],
        ["calibrate", "x", "--out", "y", "--valid-hours", "nan"],
        ["calibrate", "x", "--out", "y", "--valid-hours", "-1"],
        ["demo", "--sevre"],
    ],
    ids=" ".join,
)
def test_wrong_arguments_are_refused_input(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1


def test_missing_files_are_named_with_their_option(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capture, nowhere = str(world / "pass5"), str(tmp_path / "nowhere")
    rig = str(world / "rig")
    for arguments, option in (
        (["inspect", capture, "--rig", nowhere, "--recipe", "amethyst"], "--rig"),
        (["inspect", capture, "--rig", rig, "--recipe", f"{nowhere}.toml"], "recipe"),
        (["inspect", capture, "--rig", rig, "--recipe", "chartreuse"], "--recipe"),
        (inspect_arguments(world, world / "pass5", "--previous", nowhere), "--previous"),
        (inspect_arguments(world, world / "pass5", "--json", f"{nowhere}/a.json"), "--json"),
        (inspect_arguments(world, world / "pass5", "--maps", rig), "--maps"),
        (["calibrate", str(world / "ref"), "--out", f"{nowhere}/rig"], "--out"),
    ):
        assert option in refused(capsys, arguments)
    assert everything_under(tmp_path) == set()


def test_panel_does_not_calibrate_and_reference_is_not_inspected(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "reference_set" in refused(capsys, ["calibrate", str(world / "pass5"), "--out", str(tmp_path / "rig")])
    assert "reference_set" in refused(capsys, inspect_arguments(world, world / "ref"))
    assert everything_under(tmp_path) == set()


def test_damaged_rig_is_refused(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (world / "rig").read_bytes()
    middle = len(whole) // 2
    for name, data in {
        "short": whole[:-100],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "text": b"not a rig",
    }.items():
        (tmp_path / name).write_bytes(data)
        arguments = ["inspect", str(world / "pass5"), "--rig", str(tmp_path / name), "--recipe", "amethyst"]
        assert name in refused(capsys, arguments)


def test_rig_of_other_optics_is_refused(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_good_set(tmp_path / "good")
    assert "image.width_px" in refused(capsys, inspect_arguments(world, other))


def test_expired_rig_is_refused_unless_allowed(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = tmp_path / "later"
    write_capture_set(render(amethyst_story(5), STATION, seed=2, captured_at=A_WEEK_LATER), later)
    assert "--allow-expired" in refused(capsys, inspect_arguments(world, later, "--json", "-"))
    assert main(inspect_arguments(world, later, "--json", "-", "--allow-expired")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["rig"]["expired"] is True


@pytest.mark.parametrize(
    ("content", "field"),
    [("{", "JSON"), ("[]", "JSON"), ('{"format": "paint-report/9"}', "format"),
     ('{"format": "paint-report/1", "panel": "A", "pass_number": -1}', "pass_number"),
     ('{"format": "paint-report/1", "panel": NaN, "pass_number": 1}', "NaN")],
)  # fmt: skip
def test_wrong_previous_report_is_refused(
    content: str, field: str, world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "previous.json"
    path.write_text(content)
    line = refused(capsys, inspect_arguments(world, world / "pass5", "--previous", str(path)))
    assert "previous.json" in line
    assert field in line


# Results


def test_calibrate_says_what_the_rig_is(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", str(world / "ref"), "--out", str(tmp_path / "rig"), "--valid-hours", "48"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split(":")[0] for line in out.splitlines()[:-1]] == ["black glass worst place"]
    assert "SIMULATED" in out
    assert "2026-11-24T09:30:00+08:00" in out


def test_same_reference_set_gives_the_same_rig_file(world: Path, tmp_path: Path) -> None:
    assert main(["calibrate", str(world / "ref"), "--out", str(tmp_path / "rig")]) == 0
    assert (tmp_path / "rig").read_bytes() == (world / "rig").read_bytes()


def test_inspect_prints_a_report_that_says_simulated(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(inspect_arguments(world, world / "pass5", "--json", "-")) == 0
    out, err = capsys.readouterr()
    assert err == ""
    report = json.loads(out, parse_constant=lambda literal: pytest.fail(f"{literal} in a report"))
    assert report["format"] == "paint-report/1"
    assert (report["panel"], report["pass_number"], report["simulated"]) == ("AM-0007-HOOD", 5, True)
    assert report["recipe"]["name"] == "amethyst"
    assert report["verdict"] in ("pass", "fail", "hold")


def test_summary_names_verdict_next_step_and_findings(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(inspect_arguments(world, world / "pass1")) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for word in ("AM-0007-HOOD", "SIMULATED", "verdict:", "next step:", "delta_e00", "waviness_rms_um"):
        assert word in out


def test_two_runs_give_the_same_bytes_but_for_the_timing(world: Path, tmp_path: Path) -> None:
    texts = []
    for name in ("one.json", "two.json"):
        assert main(inspect_arguments(world, world / "pass5", "--json", str(tmp_path / name))) == 0
        report = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        del report["timing_ms"]
        texts.append(json.dumps(report))
    assert texts[0] == texts[1]


def test_inspect_writes_every_map_as_numbers_and_picture(world: Path, tmp_path: Path) -> None:
    assert (
        main(inspect_arguments(world, world / "pass5", "--json", str(tmp_path / "r.json"), "--maps", str(tmp_path)))
        == 0
    )
    names = {path.stem for path in tmp_path.glob("*.npy")}
    assert {
        "screen_u_mm",
        "screen_v_mm",
        "gloss_gu",
        "slope_x_mrad",
        "slope_y_mrad",
        "height_um",
        "lab",
        "delta_e00",
    } <= names
    assert names == {path.stem for path in tmp_path.glob("*.png")}
    shape = STATION.shape
    for path in tmp_path.glob("*.npy"):
        values = np.load(path)
        assert values.dtype == np.float32
        assert values.shape == (*shape, 3) if path.stem == "lab" else values.shape == shape


def test_inspections_are_kept_in_the_database(world: Path, tmp_path: Path) -> None:
    from station.store.db import Store

    database = tmp_path / "station.db"
    for number in (1, 5):
        arguments = inspect_arguments(
            world, world / f"pass{number}", "--db", str(database), "--json", str(tmp_path / "r")
        )
        assert main(arguments) == 0
    store = Store.open(database)
    try:
        with store.reader() as reader:
            assert reader.health()["counts"]["inspection"] == 2
            stored = reader.load_recipe("amethyst")
    finally:
        store.close()
    assert stored is not None


def test_an_inspection_is_kept_as_long_as_the_settings_say(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from station.store.db import Store

    monkeypatch.chdir(tmp_path)
    (tmp_path / "station.toml").write_text("maps_days = 3\n")
    database = tmp_path / "station.db"
    assert main(inspect_arguments(world, world / "pass5", "--db", str(database), "--json", "report.json")) == 0
    with closing(Store.open(database)) as store, store.reader() as reader:
        row = reader.inspection(1)
    assert row is not None
    kept = datetime.fromisoformat(row["maps_until"]) - datetime.fromisoformat(row["stored_at"])
    assert kept == timedelta(days=3)


def test_recipe_name_means_the_stored_one_first(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from station.commands.recipes import find_recipe

    shipped = find_recipe("graphite", None)
    own = tmp_path / "own.toml"
    own.write_text(shipped.text.replace("passes = 3\n", "passes = 4\n", 1), encoding="utf-8")
    database = tmp_path / "station.db"
    arguments = [
        "inspect",
        str(world / "pass5"),
        "--rig",
        str(world / "rig"),
        "--recipe",
        str(own),
        "--db",
        str(database),
    ]
    assert main(arguments) == 0
    assert find_recipe("graphite", database).passes == 4
    assert find_recipe("jade", database).name == "jade"


def test_a_previous_report_of_another_panel_or_coat_is_no_error(world: Path, tmp_path: Path) -> None:
    previous = tmp_path / "previous.json"
    assert main(inspect_arguments(world, world / "pass1", "--json", str(previous))) == 0
    for wrong, right in (("AM-0008-DOOR", "AM-0007-HOOD"), ('"coat_number": 2', '"coat_number": 1')):
        other = tmp_path / "other.json"
        other.write_text(previous.read_text().replace(right, wrong))
        more = ("--json", str(tmp_path / "r"), "--previous", str(other))
        assert main(inspect_arguments(world, world / "pass5", *more)) == 0


def test_the_database_knows_the_earlier_pass_by_itself(world: Path, tmp_path: Path) -> None:
    from station.store.db import Store

    database = tmp_path / "station.db"
    for number in (1, 5, 5):
        more = ("--db", str(database), "--json", str(tmp_path / f"{number}.json"))
        assert main(inspect_arguments(world, world / f"pass{number}", *more)) == 0
    store = Store.open(database)
    with store.reader() as reader:
        chains = [reader.chain(inspection) for inspection in (1, 2, 3)]
    store.close()
    assert chains == [[1], [1, 2], [1, 3]]


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_stored(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "station.db"
    for option in ("--maps", "--json"):
        arguments = inspect_arguments(world, world / "pass5", "--db", str(database), option, "/proc/nowhere")
        assert f"{option}: cannot write in /proc" in refused(capsys, arguments)
    assert everything_under(tmp_path) == set()


def test_decode_needs_neither_rig_nor_recipe(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(world / "pass5"), "--maps", str(tmp_path / "maps")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    names = {path.stem for path in (tmp_path / "maps").glob("*.npy")}
    assert {"screen_u_mm", "screen_v_mm", "screen_u_u_mm", "screen_v_u_mm"} <= names
    assert {line.split(":")[0] for line in out.splitlines()} == names
    period = f"{max(STATION.periods_mm):g}mm"
    assert {f"modulation_x_{period}", f"modulation_y_{period}"} <= names


def test_recipe_check_answers_for_each_file(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from station.commands.recipes import find_recipe

    text = find_recipe("amethyst", None).text
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace("high = 0.8", "hihg = 0.8", 1), encoding="utf-8")
    assert main(["recipe", "check", str(good), "--rig", str(world / "rig")]) == 0
    out, err = capsys.readouterr()
    assert (out.count("\n"), err) == (1, "")
    assert "amethyst" in out
    assert main(["recipe", "check", str(bad), str(good)]) == 2
    out, err = capsys.readouterr()
    line = text.splitlines().index("high = 0.8") + 1
    assert f"bad.toml:{line}" in err
    assert "hihg" in err
    assert "good.toml" in out


def test_report_and_database_cannot_be_one_file(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = str(tmp_path / "clash")
    assert "--json, --maps, --db" in refused(
        capsys, inspect_arguments(world, world / "pass5", "--json", both, "--db", both)
    )
    assert everything_under(tmp_path) == set()
