"""What a browser complains of while a test looks elsewhere."""

from __future__ import annotations


class Wrong:
    """What went wrong in the browser and nobody looked at, and what a test provokes on purpose."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.provoked: list[str] = []

    def provoke(self, part: str) -> None:
        """Messages that hold these words are what the test is about."""
        self.provoked.append(part)

    def unseen(self) -> list[str]:
        return [text for text in self.messages if not any(part in text for part in self.provoked)]
