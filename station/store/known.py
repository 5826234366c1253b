"""Who may log in, who stands behind a ticket, and the audit."""

from __future__ import annotations

from station.access.rights import Role
from station.access.terms import Terms
from station.access.tickets import kept
from station.access.visitor import STRANGER, Visitor
from station.events import utc_text
from station.store.people import SEEN_EVERY
from station.store.queries import AuditQuery, Page
from station.store.rows import Row
from station.store.selects import AUDIT, page_of
from station.store.versions import Versions


class Known(Versions):
    """What is known about people, and who changed what."""

    def has_people(self) -> bool:
        """Whether anybody was ever set up; a station that knows people never becomes open again."""
        return self._connection.execute("SELECT 1 FROM account LIMIT 1").fetchone() is not None

    def session(self, ticket: str, terms: Terms) -> tuple[Visitor, bool]:
        """Who shows a session's ticket, and whether that should be noted; a stranger where the session has ended."""
        now = self._clock()
        rows = self._rows(
            """SELECT a.pseudonym, a.role, s.seen_at FROM session s JOIN account a ON a.id = s.account_id
            WHERE s.sha256 = ? AND NOT a.locked AND s.started_at >= ? AND s.seen_at >= ?""",
            kept(ticket),
            utc_text(now - terms.longest),
            utc_text(now - terms.idle),
        )
        if not rows:
            return STRANGER, False
        [row] = rows
        person = Visitor(row["pseudonym"], pseudonym=row["pseudonym"], role=Role(row["role"]))
        return person, row["seen_at"] < utc_text(now - SEEN_EVERY)

    def program(self, ticket: str) -> Visitor:
        """Which program shows a token; a stranger where it is none, or was revoked."""
        rows = self._rows("SELECT name, role FROM token WHERE sha256 = ? AND revoked_at IS NULL", kept(ticket))
        return Visitor(f"token {rows[0]['name']}", role=Role(rows[0]["role"])) if rows else STRANGER

    def people(self) -> list[Row]:
        """Accounts by pseudonym: ``pseudonym``, ``role``, ``locked``, ``locked_until``, ``made_at``, ``forgotten``."""
        rows = self._rows(
            """SELECT pseudonym, role, locked, locked_until, made_at, pin IS NULL AS forgotten FROM account
            ORDER BY pseudonym"""
        )
        return [row | {"forgotten": bool(row["forgotten"])} for row in rows]

    def names(self, terms: Terms) -> dict[str, str]:
        """Names by pseudonym, but those whose time is over: ask only for who may see them."""
        rows = self._rows(
            """SELECT a.pseudonym, n.name FROM person_name n JOIN account a ON a.id = n.account_id
            WHERE n.written_at >= ?""",
            utc_text(self._clock() - terms.names_kept),
        )
        return {row["pseudonym"]: row["name"] for row in rows}

    def tokens(self) -> list[Row]:
        """Tokens by name: ``name``, ``role``, ``made_at``, ``revoked_at``."""
        return self._rows("SELECT name, role, made_at, revoked_at FROM token ORDER BY name")

    def audit(self, query: AuditQuery) -> Page:
        """Who changed what, the newest first."""
        return page_of(self._connection, AUDIT, query)
