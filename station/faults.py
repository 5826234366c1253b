"""Faults of the station: not the input's, and not a verdict.

The command line prints the sentence and ends with exit code 1.
"""

from __future__ import annotations

from inspection.refused import Refused


class StationFault(RuntimeError):
    """One sentence for a person: what the station cannot do now, and what would help.

    Parameters
    ----------
    sentence : str
        In English, for programs and logs.
    code : str
        Under which pages have the sentence in the words of a person's language; empty where only the command line
        tells it.
    values
        Numbers and names in that sentence.
    """

    def __init__(self, sentence: str, code: str = "", **values: float | str) -> None:
        super().__init__(sentence)
        self.code, self.values = code, values


class NotNow(Refused):
    """What a person at the line asks for and the station cannot do as things are; `code` and `values` as above."""

    def __init__(self, sentence: str, code: str, **values: float | str) -> None:
        super().__init__(sentence)
        self.code, self.values = code, values


class Busy(StationFault):
    """The line is measuring something else; the API answers 409 at once instead of waiting."""


class CameraFault(StationFault):
    """The camera does not answer, or what it sent is no picture."""


class ScreenFault(StationFault):
    """The pattern screen does not show what it was told to."""


class LampFault(StationFault):
    """The lamps do not do what they were told to."""


class FrameFault(StationFault):
    """A picture came that may not count: dropped, doubled, torn, of another size, saturated or dark."""


class CaptureStopped(StationFault):
    """A person stopped the capture."""


class CodeFault(StationFault):
    """The camera sees no code that says which panel lies there; the API answers 422."""


class NoRoom(StationFault):
    """The disk cannot hold what would be stored; the API answers 507."""


class Retired(StationFault):
    """What was asked for was deleted when its term was over; the API answers 410."""


class Asks(StationFault):
    """A person has to say which pass is measured; `passes` may come without a question. The API answers 409.

    The page asks in its own way.
    """

    def __init__(self, question: str, passes: tuple[int, ...]) -> None:
        super().__init__(question)
        self.passes = passes
