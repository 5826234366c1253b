"""People and programs that may use the station: accounts under pseudonyms, log-ins, tokens, names to be forgotten."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final

from inspection.refused import Refused
from station.access.pins import fits, hashed, lock_after
from station.access.rights import Role
from station.access.terms import Terms
from station.access.tickets import kept, new_ticket
from station.access.visitor import STATION, acting_as
from station.events import Clock, utc_text
from station.store.blobs import Blobs
from station.store.rows import Row
from station.store.selects import rows_of
from station.store.writer import Writer

#: A log-in is noted as used this often at most: reading a page is no reason to write.
SEEN_EVERY: Final = timedelta(minutes=1)


class NotLoggedIn(Exception):
    """Pseudonym and PIN do not belong together; which of the two is wrong is not said."""


class LockedOut(Exception):
    """Too many wrong PINs: nobody logs in under this pseudonym for `seconds`, not even with the right one."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"locked for {seconds} s")
        self.seconds = seconds


class People(Writer):
    """Keeps who may log in."""

    def __init__(self, path: Path, connection: Connection, blobs: Blobs, clock: Clock) -> None:
        super().__init__(path, connection, blobs, clock)
        # One guess at a time: guesses made at once would all count as the first, and take the processor from measuring.
        self._guessing = threading.Lock()

    def add_account(
        self, pseudonym: str, role: Role, pin: str, *, badge: str | None = None, name: str | None = None
    ) -> None:
        """Let a person log in.

        Raises
        ------
        Refused
            The pseudonym or the badge is taken, or the PIN cannot be one.
        """
        now, pin = utc_text(self._clock()), hashed(pin)
        badge_sha256 = None if badge is None else kept(badge)
        with self._transaction():
            if self._exists("SELECT 1 FROM account WHERE pseudonym = ?", pseudonym):
                raise Refused(f'"{pseudonym}" is an account already')
            if self._exists("SELECT 1 FROM account WHERE badge_sha256 = ?", badge_sha256):
                raise Refused("this badge belongs to another account")
            row = {"pseudonym": pseudonym, "role": str(role), "pin": pin, "badge_sha256": badge_sha256, "made_at": now}
            number = self._insert("account", row)
            if name is not None:
                self._insert("person_name", {"account_id": number, "name": name, "written_at": now})

    def set_pin(self, pseudonym: str, pin: str) -> None:
        """Give an account a new PIN; it is not locked any more, and log-ins with the old one end."""
        pin = hashed(pin)
        with self._transaction():
            account = self._account_named(pseudonym)
            self._change("account", account["id"], {"pin": pin, "failures": 0, "locked_until": None, "locked": 0})
            self._end_sessions(account["id"])

    def set_name(self, pseudonym: str, name: str) -> None:
        """Write down whose pseudonym it is, from now on for as long as names are kept."""
        with self._transaction():
            account = self._account_named(pseudonym)
            self._remove("person_name", account["id"])
            row = {"account_id": account["id"], "name": name, "written_at": utc_text(self._clock())}
            self._insert("person_name", row)

    def set_role(self, pseudonym: str, role: Role) -> None:
        """Give an account another role, from its next request on."""
        with self._transaction():
            self._change("account", self._account_named(pseudonym)["id"], {"role": str(role)})

    def lock(self, pseudonym: str) -> None:
        """End an account's log-ins and let it in no more until it is unlocked."""
        with self._transaction():
            account = self._account_named(pseudonym)
            self._change("account", account["id"], {"locked": 1})
            self._end_sessions(account["id"])

    def unlock(self, pseudonym: str) -> None:
        """Take back a lock, whether a person or wrong PINs made it."""
        with self._transaction():
            account = self._account_named(pseudonym)
            self._change("account", account["id"], {"locked": 0, "failures": 0, "locked_until": None})

    def forget(self, pseudonym: str) -> None:
        """Forget whose pseudonym it is: name, PIN and badge go, what was done under the pseudonym stays."""
        with self._transaction():
            account = self._account_named(pseudonym)
            self._remove("person_name", account["id"])
            self._change("account", account["id"], {"pin": None, "badge_sha256": None, "locked": 1})
            self._end_sessions(account["id"])
        self._leave_no_trace()

    def forget_old_names(self, keep: timedelta) -> int:
        """Forget names that were written down longer ago than `keep`. Returns how many."""
        written = utc_text(self._clock() - keep)
        with acting_as(STATION), self._transaction():
            old = self._found("SELECT account_id FROM person_name WHERE written_at < ?", written)
            for row in old:
                self._remove("person_name", row["account_id"])
        if old:
            self._leave_no_trace()
        return len(old)

    def log_in(self, pin: str, *, pseudonym: str | None = None, badge: str | None = None) -> str:
        """Begin a session of whoever shows a pseudonym or a badge, and the PIN that belongs to it. Returns its ticket.

        Raises
        ------
        NotLoggedIn
            They do not belong together.
        LockedOut
            There were too many wrong PINs.
        """
        account = self._proven(pin, *(("pseudonym", pseudonym) if badge is None else ("badge_sha256", kept(badge))))
        now = utc_text(self._clock())
        ticket = new_ticket()
        with acting_as(account["pseudonym"]), self._transaction():
            self._no_failures(account)
            session = {"sha256": kept(ticket), "account_id": account["id"], "started_at": now, "seen_at": now}
            self._insert("session", session)
        return ticket

    def prove(self, pseudonym: str, pin: str) -> None:
        """Make sure that a PIN belongs to a pseudonym, before something that needs more than a session.

        Raises
        ------
        NotLoggedIn, LockedOut
            As `log_in`; wrong PINs count alike.
        """
        account = self._proven(pin, "pseudonym", pseudonym)
        with acting_as(account["pseudonym"]), self._transaction():
            self._no_failures(account)

    def _no_failures(self, account: Row) -> None:
        if account["failures"]:
            self._change("account", account["id"], {"failures": 0, "locked_until": None})

    def _proven(self, pin: str, column: str, shown: str | None) -> Row:
        """The account that something shown and the PIN belong to."""
        with self._guessing:
            with self._lock:
                found = self._found(f"SELECT * FROM account WHERE {column} = ?", shown)
            account: Row | None = found[0] if found else None
            now = self._clock()
            if account is not None and account["locked_until"] is not None:
                left = datetime.fromisoformat(account["locked_until"]) - now
                if left > timedelta(0):
                    raise LockedOut(int(left.total_seconds()) + 1)
            # A locked account takes as long as any other, and says as little.
            usable = account is not None and account["pin"] is not None and not account["locked"]
            right = fits(pin, account["pin"] if account is not None and usable else None)
            if account is None or not usable:
                raise NotLoggedIn
            if not right:
                self._wrong_pin(account, now)
        return account

    def log_out(self, ticket: str) -> None:
        """End the session of a ticket."""
        with self._transaction():
            self._remove("session", kept(ticket))

    def seen(self, ticket: str) -> None:
        """Note that a session is used now."""
        with self._transaction():
            self._change("session", kept(ticket), {"seen_at": utc_text(self._clock())})

    def end_old_sessions(self, terms: Terms) -> None:
        """Take away what has ended: it would let nobody in, but says who was there when."""
        now = self._clock()
        ends = utc_text(now - terms.longest), utc_text(now - terms.idle)
        with self._transaction():
            for row in self._found("SELECT sha256 FROM session WHERE started_at < ? OR seen_at < ?", *ends):
                self._remove("session", row["sha256"])

    def add_token(self, name: str, role: Role) -> str:
        """Let a program in. Returns the token, which is not kept and cannot be shown again.

        Raises
        ------
        Refused
            The name is taken, or the station knows no people yet and is open to everybody.
        """
        ticket = new_ticket()
        with self._transaction():
            if not self._exists("SELECT 1 FROM account"):
                raise Refused("no user is set up yet, so everybody may do everything: add a user first")
            if self._exists("SELECT 1 FROM token WHERE name = ?", name):
                raise Refused(f'"{name}" is a token already')
            made = {"name": name, "role": str(role), "sha256": kept(ticket), "made_at": utc_text(self._clock())}
            self._insert("token", made)
        return ticket

    def revoke_token(self, name: str) -> None:
        """Let a program in no more.

        Raises
        ------
        Refused
            There is no such token, or it was revoked already.
        """
        with self._transaction():
            found = self._found("SELECT id FROM token WHERE name = ? AND revoked_at IS NULL", name)
            if not found:
                raise Refused(f'there is no token "{name}" in use')
            self._change("token", found[0]["id"], {"revoked_at": utc_text(self._clock())})

    def _wrong_pin(self, account: Row, now: datetime) -> None:
        failures = account["failures"] + 1
        lock = lock_after(failures)
        until = None if lock is None else utc_text(now + lock)
        with self._transaction():
            self._change("account", account["id"], {"failures": failures, "locked_until": until})
        raise NotLoggedIn

    def _end_sessions(self, account_id: int) -> None:
        for row in self._found("SELECT sha256 FROM session WHERE account_id = ?", account_id):
            self._remove("session", row["sha256"])

    def _account_named(self, pseudonym: str) -> Row:
        found = self._found("SELECT id, pin FROM account WHERE pseudonym = ?", pseudonym)
        if not found:
            raise Refused(f'there is no account "{pseudonym}"')
        if found[0]["pin"] is None:
            raise Refused(f'"{pseudonym}" was forgotten, and nobody else may get this pseudonym')
        return found[0]

    def _found(self, sql: str, *values: Any) -> list[Row]:
        return rows_of(self._database.conn, sql, values)

    def _leave_no_trace(self) -> None:
        """What was overwritten in the database may not live on in its log."""
        with self._lock:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
