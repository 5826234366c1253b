"""From capture sets of accepted panels to the text of a recipe that asks for more like them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from inspection.frames import Frames
from inspection.learning.demands import LearnedCheck, NotLearned, learn_pass
from inspection.learning.panels import Headline, check_together, headline, passes_to_learn
from inspection.learning.spreads import Known
from inspection.learning.target import colour_of, common_target
from inspection.learning.tolerance import CONFIDENCE, CONTENT
from inspection.learning.writing import About, recipe_text
from inspection.pipeline import inspect
from inspection.recipe import Learned, Recipe
from inspection.report import Report
from inspection.rig import Rig


def read_headlines(sources: Sequence[str], read: Callable[[str], Frames]) -> list[Headline]:
    """What the capture sets say, checked one by one and together; frames are not kept."""
    headlines = [headline(read(source), source) for source in sources]
    check_together(headlines)
    return headlines


def learn(
    headlines: Sequence[Headline],
    read: Callable[[str], Frames],
    rig_of: Callable[[str], Rig],
    about: About,
    *,
    known: Known,
    now: datetime,
    who: str | None,
    software: str,
) -> str:
    """Learn target and limits.

    Every capture is read again and measured by itself: of many large captures only one is in memory.

    Parameters
    ----------
    headlines : sequence of Headline
        From `read_headlines`.
    read : callable
        A source's frames.
    rig_of : callable
        The rig that a source is measured with: a station is calibrated anew between panels.
    known : mapping
        Spreads of other recipes after their last pass.

    Returns
    -------
    str
        A `paint-recipe/1`; the panels it was learned from pass it.

    Raises
    ------
    Refused
        The rig does not serve a capture, a colour cannot be measured, or panels are of different colours.
    """
    enough, few = passes_to_learn(headlines)
    last = enough[-1]
    colours = {
        line.source: colour_of(read(line.source), rig_of(line.source), line.source)
        for line in headlines
        if line.pass_number == last
    }
    target = common_target(colours)
    # Limits are what is sought: this recipe has none yet.
    blank = Recipe(about.name, dict(about.title), last, about.n_clear, target.lab, about.film, (), (), "", "")

    def report_of(line: Headline) -> Report:
        return inspect(read(line.source), rig_of(line.source), blank, now=now.isoformat(), software=software)

    checks: list[LearnedCheck] = []
    left_out: list[NotLearned] = []
    for number in enough:
        reports = [report_of(line) for line in headlines if line.pass_number == number]
        learned, not_learned = learn_pass(
            reports, known if number == last else {}, target.reach_e00 if number == last else None
        )
        checks += learned
        left_out += not_learned
    lines = sorted(headlines, key=lambda line: datetime.fromisoformat(line.captured_at))
    newest = rig_of(lines[-1].source)
    origin = Learned(
        panels=len(colours),
        passes=tuple(enough),
        captured_from=lines[0].captured_at,
        captured_to=lines[-1].captured_at,
        captures=tuple(line.sha256 for line in headlines if line.pass_number in enough),
        rig=newest.sha256,
        learned_at=now.isoformat(timespec="seconds"),
        simulated=newest.simulated or any(line.simulated for line in headlines),
        content=CONTENT,
        confidence=CONFIDENCE,
        u_lab=target.u_lab,
        who=who,
    )
    return recipe_text(about, target.lab, origin, checks, left_out, few)
