"""Every word of the pages exists in Chinese and in English, and nothing else is on them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2 import Environment
from sqlite_utils import Database

import inspection.gates
import inspection.measures
from calibration.certificate import NAMES
from inspection.defects.kinds import ABOUT, Kind, Process
from inspection.frames import Role as FrameRole
from inspection.gates.gate import GATES
from inspection.harmony import Match, Why
from inspection.joining.join import COVERAGE
from inspection.measures.hologram import Work
from inspection.passes import film
from inspection.reading import Quality, Source
from inspection.registry import MEASURES, discover
from inspection.report import Action, Fit, GateState, Status
from inspection.revision import FIELDS
from inspection.units import UNIT_OF_SUFFIX
from inspection.verdict import Verdict
from station.__main__ import COMMAND_LINE
from station.access.rights import Role
from station.access.visitor import ANYBODY, STATION
from station.capture.self_test import Part
from station.daily_check import State
from station.faults import Asks, StationFault
from station.line import state as line
from station.line import turns
from station.store.audit import UNAUDITED, Change
from station.store.db import What
from station.store.health import WARNINGS
from station.store.migrations import migrations
from station.store.queries import Bars
from station.web import findings, layers, marks
from station.web.finished import SHOWN
from station.web.languages import CHINESE, ENGLISH, LANGUAGES, Language, catalogue, choose
from station.web.tabs import TABS
from station.web.themes import THEMES

WEB = Path(findings.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
#: Codes of the next step's reasons, with the values that go into their sentences.
REASONS = {
    "all_checks_pass": set(),
    "check_fails": {"measure", "value", "unit", "limit"},
    "check_fails_count": {"measure", "value", "limit"},
    "last_pass_asks": {"measure", "value", "unit", "limit"},
    "last_pass_asks_count": {"measure", "value", "limit"},
    "last_pass_near": {"measure", "value", "unit", "limit"},
    "last_pass_near_count": {"measure", "value", "limit"},
    "check_holds": {"measure"},
    "check_holds_because": {"measure", "quality"},
    "last_pass_reached": set(),
    "colour_off": set(),
    "not_proven": set(),
    "good_for_now": set(),
    "rig_expired": set(),
    "not_wiped": set(),
    "marks_not_searched": set(),
    "one_view": set(),
    "area_not_seen": {"ratio"},
    "checks_fail": {"count"},
    "checks_hold": {"count"},
    "passes_left": {"left"},
    "marks_left": {"count"},
    "burn_through": {"place"},
    "mark_not_curable": {"place", "kind"},
    "film_limit": {"zone", "left", "low"},
    "film_not_measured": set(),
    "film_spent": {"zone", "removed"},
    "film_warning": {"zone", "left"},
    "film_unknown": set(),
    "caused_by_pass": {"pass", "count", "kinds"},
    "not_the_same_panel": {"pass"},
    "not_aligned": {"pass"},
    "outlook": {"probability", "count"},
    "pass_would_not_help": set(),
}
#: Measures of contracts.md §5 that the library does not have yet; their words are there already.
TO_COME = {"defect_count", "largest_defect_mm", "scratch_length_mm"} - set(MEASURES)

discover(inspection.measures)
discover(inspection.gates)
both = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)


def template_sentences() -> set[str | tuple[str, ...]]:
    found: set[str | tuple[str, ...]] = set()
    for template in TEMPLATES:
        with template.open("rb") as file:
            for _, message, _, _ in extract("jinja2", file, options={"silent": "false"}):
                found.add(message if isinstance(message, str) else tuple(message[:2]))
    return found


def literal_words() -> set[tuple[str, str]]:
    sources = [*TEMPLATES, *WEB.glob("*.py"), *(WEB / "pages").glob("*.py")]
    pattern = re.compile(r"""\.word\(\s*["']([\w ]+)["'],\s*["']([^"']+)["']\s*\)""")
    return {pair for source in sources for pair in pattern.findall(source.read_text("utf-8"))}


def audited_tables() -> set[str]:
    """Every table whose changes are audited."""
    database = Database(memory=True)
    migrations.apply(database)
    return {name for name in database.table_names() if not name.startswith(("sqlite_", "_sqlite_"))} - UNAUDITED


#: Kinds of faults that a page may have to say.
FAULTS = {"StationFault", "NotNow", *(kind.__name__ for kind in StationFault.__subclasses__())} - {Asks.__name__}
#: What these modules raise is told by the command line only.
ON_THE_COMMAND_LINE = {"app.py", "backup.py"}


def told_faults() -> dict[str, set[str]]:
    """Code of every fault in the program, with the values that go into its sentence."""
    found: dict[str, set[str]] = {"refused": set()}
    for source in (WEB.parent).rglob("*.py"):
        for call in ast.walk(ast.parse(source.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in FAULTS):
                continue
            if source.name in ON_THE_COMMAND_LINE or any(keyword.arg is None for keyword in call.keywords):
                continue
            assert len(call.args) > 1, f"{source}:{call.lineno}: this fault has no code"
            values = {keyword.arg for keyword in call.keywords if keyword.arg is not None} | {"said"}
            for code in ast.walk(call.args[1]):
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    found[code.value] = found.get(code.value, values) & values
    return found


def codes() -> set[tuple[str, str]]:
    """Every (context, code) that a page may ask for."""
    with_knobs = {name for name, measure in MEASURES.items() if measure.knobs} | {"defect_count"}
    listed = {
        "verdict": set(Verdict),
        "theme": set(THEMES),
        "verdict meaning": set(Verdict),
        "action": set(Action),
        "line map": {layers.PICTURE, *SHOWN},
        "action meaning": set(Action),
        "quality": set(Quality),
        "quality page": {*TABS, "cell"},
        "counted by": set(Bars),
        "uncertainty": set(Source),
        "recipe change": {*FIELDS, "region", "not there"},
        "reason": set(REASONS),
        "unit": set(UNIT_OF_SUFFIX.values()) - {"1"} | {"1/ms"},
        "measure": set(MEASURES) | TO_COME,
        "measure with knobs": with_knobs,
        "measure of any size": {name for name in with_knobs if name == "defect_count"},
        "kind": {"any"},
        "status": {*Status, "any", marks.FOUND, marks.NOT_SEEN, marks.MISSED, marks.FALSE_ALARM},
        "mark": {"size", "place", "since pass"},
        "mark fact": {
            "place", "region", "length", "width", "height", "direction", "confidence", "caused by pass", "usually from",
        },
        "process": set(Process),
        "correction": set(What),
        "fit": set(Fit),
        "gate": set(GATES) | {COVERAGE},
        "gate state": set(GateState),
        "gate told": {"oil wiped_off", "oil in_paint"},
        "prior": {"measured", "measured simulated", "assumed", "assumed simulated"},
        "check state": set(State),
        "check meaning": set(State),
        "check fault": {"outside", "outside above", "drifts", "drifts above", "not_measured"},
        "check quantity": {"scale_pct"},
        "check quantity state": {"inside", "fault"},
        "gate fault": {f"{COVERAGE} unseen", *(f"{name} {why}" for name, one in GATES.items() for why in one.faults)},
        "drift": {"up", "down"},
        "film source": {film.GAUGE, film.RECIPE},
        "film state": {film.OK, film.WARN, film.STOP},
        "polishing": set(Work),
        "polishing meaning": set(Work),
        "polishing strength": {"seen", "not seen"},
        "polishing direction": {"straight", "turning"},
        "wave band": {"equivalent"},
        "harmony": {Match.ALIKE, Match.DIFFERENT, Match.HOLD},
        "harmony meaning": {Match.ALIKE, Match.DIFFERENT, Match.HOLD},
        "harmony line": set(Match) - {Match.HOLD},
        "harmony why": set(Why),
        "family": {findings.family_of(name) for name in MEASURES} | {"hologram", "defects", findings.OTHER_FAMILY},
        "map": {re.sub(r"_\*(mm|deg)", "", name) for name in layers.SHOWN} | {layers.PICTURE},
        "map caption": {*layers.SHOWN, layers.PICTURE},
        "scale": {"mark", "last mark"},
        "limit": {"at least", "at most", "between"},
        "pass due": set(turns.Why),
        "line": {stage for stage in line.State if stage.working},
        "pass": {"of planned", "beyond planned", "before polishing"},
        "rig state": {"valid", "expired"},
        "station card": {"storage", "backup"},
        "set up": {line.Lies.BLACK_GLASS, line.Lies.WHITE_TILE},
        "hardware": set(Part),
        "frame": set(FrameRole),
        "hardware unit": set(Part),
        "calibrated": set(NAMES),
        "fault": set(told_faults()),
        "health": {"ok", "damaged", "not writable", "panel", "inspection", "recipe"},
        "warning": set(WARNINGS),
        "problem": {"not allowed", "not found", "not understood", "fault"},
        "kept": {"maps until", "maps deleted", "frames until", "frames deleted"},
        "role": set(Role),
        "audit change": set(Change),
        "audit who": {STATION, ANYBODY, COMMAND_LINE},
        "audit table": audited_tables(),
        "film": {"start_um", "removable_um", "per_pass_um"},
    }  # fmt: skip
    listed["family meaning"] = listed["family"]
    listed["problem advice"] = listed["problem"]
    return {(context, str(code)) for context, some in listed.items() for code in some} | literal_words()


@both
def test_every_code_has_words(language: Language) -> None:
    have = catalogue(language)
    missing = [pair for pair in sorted(codes()) if not _filled(have.get(pair[1], context=pair[0]))]
    assert not missing


def test_every_sentence_of_the_templates_is_in_the_chinese_catalogue() -> None:
    have = catalogue(CHINESE)
    missing = [message for message in template_sentences() if not _filled(have.get(message))]
    assert not missing


def test_english_sentences_need_no_catalogue_but_may_not_contradict_it() -> None:
    assert not [message.id for message in catalogue(ENGLISH) if message.id and message.context is None]


def test_every_kind_has_a_name_in_every_language() -> None:
    for language in LANGUAGES.values():
        assert all(ABOUT[kind].names[language.code] for kind in Kind)


@both
def test_no_catalogue_entry_is_left_over(language: Language) -> None:
    asked = {(None, sentence) for sentence in template_sentences()} | codes()
    open_vocabulary = {"part"}
    left = [
        (message.context, message.id)
        for message in catalogue(language)
        if message.id and message.context not in open_vocabulary and (message.context, _first(message)) not in asked
    ]
    assert not left


def test_both_languages_use_the_same_values_in_a_sentence() -> None:
    english = catalogue(ENGLISH)
    for message in catalogue(CHINESE):
        if not message.id:
            continue
        source = message.id if message.context is None else english.get(message.id, message.context).string
        source = source if isinstance(source, str) else source[-1]
        target = message.string if isinstance(message.string, str) else message.string[-1]
        assert set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(target)), message.id


@both
def test_every_sentence_takes_its_values(language: Language) -> None:
    for message in catalogue(language):
        for text in [message.string] if isinstance(message.string, str) else message.string:
            names = PLACEHOLDER.findall(text)
            if names and message.id:
                assert text % dict.fromkeys(names, "7"), message.id


def test_chinese_sentences_have_chinese_punctuation() -> None:
    beside = re.compile(r"[\u4e00-\u9fff][,:;?!(]|[,:;?!)][\u4e00-\u9fff]")
    texts = [message.string for message in catalogue(CHINESE) if message.id]
    assert [text for text in texts if beside.search(text if isinstance(text, str) else "".join(text))] == []


def test_scripts_hold_no_text_of_their_own() -> None:
    """What a script writes on a page stands there already, in its language: in attributes and templates."""
    writing = re.compile(r"""(?:textContent|innerText|\btitle|ariaLabel|placeholder) = ["'`]([^"'`]*)["'`]""")
    for script in (WEB / "static").glob("*.js"):
        code = re.sub(r"^\s*//.*$", "", script.read_text("utf-8"), flags=re.MULTILINE)
        written = [re.sub(r"\$\{[^}]*\}| mm", "", text) for text in writing.findall(code)]
        sentences = re.findall(r'"([A-Z][a-z]+ [a-z]+[^"\n]*)"', code)
        assert [text for text in written if re.search(r"[^\W\d_]{2,}", text)] + sentences == [], script.name
        assert not re.search(r"[\u4e00-\u9fff]", code), script.name


def test_every_reason_that_the_library_gives_has_words() -> None:
    sources = Path(inspection.__file__).parent.rglob("*.py")
    given = {code for source in sources for code in re.findall(r'Reason\(\s*"(\w+)"', source.read_text("utf-8"))}
    assert given
    assert given <= set(REASONS)


@both
def test_sentences_ask_only_for_values_their_code_carries(language: Language) -> None:
    have = catalogue(language)
    for code, values in REASONS.items():
        text = have.get(code, context="reason").string
        for form in [text] if isinstance(text, str) else text:
            assert set(PLACEHOLDER.findall(form)) <= values, code
    for name, measure in MEASURES.items():
        if measure.knobs:
            text = have.get(name, context="measure with knobs").string
            assert set(PLACEHOLDER.findall(text)) == set(measure.knobs), name


@both
def test_a_fault_is_said_with_the_values_it_carries(language: Language) -> None:
    have = catalogue(language)
    for code, values in told_faults().items():
        text = have.get(code, context="fault").string
        assert set(PLACEHOLDER.findall(text)) <= values | {"said"}, code
        assert "%" not in re.sub(r"%\(\w+\)s|%%", "", text), code
    assert {"camera_silent", "disk_full", "screen_closed", "lamp_stays_on"} <= set(told_faults())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_text_of_its_own(template: Path) -> None:
    text = template.read_text("utf-8")
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    # Commands and file names are the same in every language.
    text = re.sub(r'<p class="code">.*?</p>', " ", text, flags=re.DOTALL)
    text = re.sub(r"<!doctype html>|<[^>]*>", " ", text)
    assert set(re.findall(r"[^\W\d_]+", text)) <= {"x", "y", "mm", "ms", "µm"}


@pytest.mark.parametrize(
    ("cookie", "header", "code"),
    [
        (None, None, "zh"),
        (None, "en-GB,en;q=0.9,zh;q=0.5", "en"),
        (None, "fr,de;q=0.8,en;q=0.1", "en"),
        (None, "zh-TW,en;q=0.9", "zh"),
        (None, "en;q=0, zh;q=0.1", "zh"),
        (None, "*;q=nonsense", "zh"),
        ("en", "zh-CN", "en"),
        ("klingon", "en", "en"),
    ],
)
def test_the_remembered_language_wins_then_the_browsers(cookie: str | None, header: str | None, code: str) -> None:
    assert choose(cookie, header).code == code


def test_templates_compile() -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    for template in TEMPLATES:
        environment.parse(template.read_text("utf-8"))


def _filled(message: object) -> bool:
    text = getattr(message, "string", "")
    return bool(text) and (isinstance(text, str) or all(text))


def _first(message: object) -> object:
    identity = message.id  # type: ignore[attr-defined]
    if isinstance(identity, str):
        return identity
    return identity[0] if message.context is not None else tuple(identity)  # type: ignore[attr-defined]
