"""Orders: which panel code is which part in which colour, so that bespoke and standard panels come in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from inspection.refused import Refused
from station.events import utc_text
from station.store.queries import OrderQuery, Page
from station.store.rows import Row
from station.store.selects import Select, page_of
from station.store.versions import Versions
from station.store.writer import Writer

ORDERS: Final = Select(
    "o.id, o.code, o.order_number, o.part, o.recipe, o.coat_number, o.who, o.stored_at",
    "panel_order o",
    {"code": "o.code = ?", "order_number": "o.order_number = ?", "recipe": "o.recipe = ?", "part": "o.part = ?"},
    (("o.id", int),),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a panel shall become.

    Attributes
    ----------
    code : str
        Of the panel, as its label is read.
    order_number : str
        The customer's, of which the panel is a part.
    recipe : str
        Name of a stored recipe.
    coat_number : int
        Rises when the panel is sprayed anew: a new row of the same code says so.
    """

    code: str
    order_number: str
    recipe: str
    part: str | None = None
    coat_number: int = 1


class Ordered(Versions):
    """What is known about orders."""

    def orders(self, query: OrderQuery) -> Page:
        """Orders, the newest first."""
        return page_of(self._connection, ORDERS, query)

    def order_of(self, code: str) -> Row | None:
        """What holds for a panel code: the newest that was said of it."""
        found = self._rows(
            f"SELECT {ORDERS.columns} FROM {ORDERS.tables} WHERE o.code = ? ORDER BY o.id DESC LIMIT 1", code
        )
        return found[0] if found else None


class Orders(Writer):
    """Keeps them; a later word about a code stands beside the earlier one, and holds."""

    def add_orders(self, orders: Sequence[Order], *, who: str) -> list[int]:
        """Keep orders, all or none. Returns their ids.

        Raises
        ------
        Refused
            A recipe is not stored, or a code stands there twice.
        """
        now = utc_text(self._clock())
        ids = []
        with self._transaction():
            for number, one in enumerate(orders, 1):
                if any(one.code == other.code for other in orders[: number - 1]):
                    raise Refused(f"order {number}: code: {one.code} is there twice")
                if not self._exists("SELECT 1 FROM recipe WHERE name = ?", one.recipe):
                    raise Refused(f'order {number}: recipe: no recipe "{one.recipe}" is stored')
                row: Row = asdict(one) | {"who": who, "stored_at": now}
                ids.append(self._insert("panel_order", row))
        return ids
