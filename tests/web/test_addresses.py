"""Which addresses count as one visitor."""

from __future__ import annotations

import pytest

from parkqa.web.addresses import network, visitor


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("1.2.3.4, " * 9000, ("1.2.3.4, " * 9)[:64]),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert network(address) == counted


def test_who_has_no_address_is_a_visitor_too() -> None:
    assert visitor({"client": ("2001:db8:1:2::9", 5)}) == "2001:db8:1:2::/64"
    assert visitor({"client": None}) == visitor({}) == ""
