"""The commands that say who may log in: a PIN is never an argument, a token is printed once."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from command_runs import refused

from station.__main__ import main
from station.access.rights import Role
from station.access.visitor import Visitor
from station.store.db import Store

Typed = Callable[..., int]


@pytest.fixture
def config(tmp_path: Path) -> list[str]:
    """Arguments that name the station."""
    (tmp_path / "station.toml").write_text(f'data_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    return ["--config", str(tmp_path / "station.toml")]


@pytest.fixture
def typed(config: list[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Runs a command with what is handed to its standard input."""

    def run(*arguments: str, pin: str = "482915") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
        return main([*arguments, *config])

    return run


def test_a_user_goes_from_added_to_forgotten(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("user", "add", "kingfisher", "--role", "inspector", "--name", "Li Wei") == 0
    states = []
    for action in (["lock"], ["unlock"], ["role", "--role", "engineer"], ["name", "Li Ming"], ["forget"]):
        assert typed("user", action[0], "kingfisher", *action[1:], pin="730264") == 0
        capsys.readouterr()
        assert typed("user", "list") == 0
        states.append(capsys.readouterr().out.split())
    assert states[0] == ["kingfisher", "inspector", "locked", "Li", "Wei"]
    assert states[1] == ["kingfisher", "inspector", "may", "log", "in", "Li", "Wei"]
    assert states[3] == ["kingfisher", "engineer", "may", "log", "in", "Li", "Ming"]
    assert states[4] == ["kingfisher", "engineer", "forgotten"]
    assert typed("user", "pin", "kingfisher") == 2
    assert "nobody else may get this pseudonym" in capsys.readouterr().err


def test_what_a_command_changed_is_in_the_audit(typed: Typed, tmp_path: Path) -> None:
    typed("user", "add", "kingfisher", "--role", "inspector")
    with closing(sqlite3.connect(tmp_path / "data" / "station.db")) as database:
        assert database.execute("SELECT who, of_table FROM audit").fetchall() == [("command line", "account")]


def test_a_token_is_printed_once_and_lets_in_until_it_is_revoked(
    typed: Typed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("user", "add", "kingfisher", "--role", "inspector")
    assert typed("token", "add", "mes", "--role", "viewer") == 0
    token = capsys.readouterr().out.strip()
    with closing(Store.open(tmp_path / "data" / "station.db")) as store, store.reader() as reader:
        assert reader.program(token) == Visitor("token mes", role=Role.VIEWER)
    assert typed("token", "revoke", "mes") == 0
    typed("token", "list")
    out = capsys.readouterr().out
    assert out.split()[:3] == ["mes", "viewer", "revoked"]
    assert token not in out


@pytest.mark.parametrize(
    ("arguments", "pin", "words"),
    [
        (["user", "add", "two words", "--role", "worker"], "482915", "PSEUDONYM"),
        (["user", "add", "Station", "--role", "worker"], "482915", "PSEUDONYM"),
        (["user", "add", "x" * 41, "--role", "worker"], "482915", "PSEUDONYM"),
        (["user", "add", "wren", "--role", "worker"], "1234", "PIN"),
        (["user", "add", "wren", "--role", "worker"], "", "PIN"),
        (["user", "lock", "nobody"], "", 'no account "nobody"'),
        (["user", "pin", "nobody"], "482915", 'no account "nobody"'),
        (["token", "revoke", "nothing"], "", 'no token "nothing"'),
        (["token", "add", "mes", "--role", "viewer"], "", "add a user first"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    config: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], pin: str, words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
    assert words in refused(capsys, [*arguments, *config])


def test_a_pin_typed_twice_must_be_the_same(
    config: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["482915", "482916"])
    monkeypatch.setattr("station.commands.user.getpass", lambda prompt: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert "PIN: the two differ" in refused(capsys, ["user", "add", "wren", "--role", "worker", *config])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "bay-3.plant.example"])
def test_a_station_that_others_reach_does_not_start_without_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    monkeypatch.setattr("station.app.listening", lambda host, port: nullcontext())
    config = tmp_path / "station.toml"
    config.write_text(f'host = "{host}"\ndata_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    assert "add a user first" in refused(capsys, ["serve", "--config", str(config)])
