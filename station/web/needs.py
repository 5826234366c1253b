"""What an endpoint needs: each that writes names a right, and in whose name a word is kept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from inspection.refused import Refused
from station.access.rights import Right
from station.access.visitor import Visitor
from station.web.door import visitor_of

VisitorDep = Annotated[Visitor, Depends(visitor_of)]


class Needs:
    """A dependency that lets in only who has a right; None: anybody may."""

    def __init__(self, right: Right | None) -> None:
        self.right = right

    def __call__(self, request: Request) -> None:
        visitor = visitor_of(request)
        if self.right is None or visitor.may(self.right):
            return
        if not visitor.known:
            raise HTTPException(401, "log in first, or send a token of this station", {"WWW-Authenticate": "Bearer"})
        raise HTTPException(403, f"{visitor.role}: this role does not have the right to {self.right}")


def needs(right: Right) -> Any:
    """For the ``dependencies`` of an endpoint: the right that it needs."""
    return Depends(Needs(right))


#: For an endpoint that writes and that strangers may use.
ANYBODY_MAY: Any = Depends(Needs(None))


def signed(visitor: Visitor, said: str | None) -> str:
    """In whose name a word is kept: who has logged in, else the pseudonym that came with it, else the program.

    Raises
    ------
    Refused
        Nobody has logged in, and none came with it.
    """
    if visitor.pseudonym is not None:
        return visitor.pseudonym
    if said is not None:
        return said
    if visitor.free:
        raise Refused("who: missing: expected a pseudonym, since nobody has logged in")
    return visitor.acts_as
