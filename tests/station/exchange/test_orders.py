"""Tables of orders: what is read, and which line is at fault where it is not."""

from __future__ import annotations

import pytest

from inspection.refused import Refused
from station.exchange.orders import orders_of
from station.store.orders import Order

HEAD = "code,order_number,recipe,part,coat_number\n"


def test_rows_become_orders() -> None:
    read = orders_of((HEAD + "AM-7,4711,amethyst,hood,2\nGR-1,4712,graphite,,\n").encode(), "orders.csv")
    assert read == [
        Order(code="AM-7", order_number="4711", recipe="amethyst", part="hood", coat_number=2),
        Order(code="GR-1", order_number="4712", recipe="graphite"),
    ]


def test_a_spreadsheet_of_a_semicolon_country_is_read_too() -> None:
    [one] = orders_of("\ufeffrecipe;code;order_number\r\namethyst;门-7;4711\r\n".encode(), "orders.csv")
    assert one == Order(code="门-7", order_number="4711", recipe="amethyst")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff", "not UTF-8"),
        (b"", "line 1: expected the columns"),
        (b"code,recipe\nA,amethyst\n", "missing: order_number"),
        (HEAD.replace("part", "colour").encode(), "line 1: unknown"),
        (HEAD.encode(), "no row"),
        ((HEAD + "A,1,amethyst\n").encode(), "line 2: 3 cells"),
        ((HEAD + "A,1,amethyst,,\n ,1,amethyst,,\n").encode(), "line 3: code"),
        ((HEAD + "A,1,Amethyst!,,\n").encode(), "line 2: recipe"),
        ((HEAD + "A,1,amethyst,,0\n").encode(), "line 2: coat_number"),
        ((HEAD + '"A,1,amethyst,,\n').encode(), "not CSV"),
    ],
)
def test_a_table_with_a_fault_is_refused_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        orders_of(content, "orders.csv")
