import datetime as dt
import ipaddress
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import Sealed, canonical, digest, normal_address, storable

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
plain = st.none() | st.booleans() | numbers | st.text()
details = st.dictionaries(
    st.text(),
    st.recursive(
        plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
    ),
    max_size=5,
)
instants = st.datetimes(timezones=st.just(dt.UTC))
entries = st.builds(
    Sealed,
    position=st.integers(1, 2**63 - 1),
    at=instants,
    actor_id=st.none() | st.integers(1),
    action=st.text(max_size=64),
    target_type=st.text(max_size=64),
    target_id=st.text(max_size=64),
    result=st.sampled_from(["done", "denied", "failed"]),
    address=st.none() | st.ip_addresses().map(str),
    detail=details,
)


@given(entries)
def test_the_form_is_the_same_after_json_in_another_order_of_keys(entry: Sealed) -> None:
    pairs = json.loads(json.dumps(entry.detail))
    turned = dict(reversed(pairs.items()))
    assert canonical("c", entry) == canonical("c", entry._replace(detail=turned))


@given(entries, st.integers(-12, 14))
def test_the_form_is_the_same_in_every_time_zone(entry: Sealed, hours: int) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    try:
        elsewhere = entry.at.astimezone(zone)
    except OverflowError:
        return
    assert canonical("c", entry) == canonical("c", entry._replace(at=elsewhere))


@given(entries, st.ip_addresses(v=6))
def test_the_form_does_not_see_how_an_address_is_spelt(
    entry: Sealed, address: ipaddress.IPv6Address
) -> None:
    long, short = entry._replace(address=address.exploded), entry._replace(address=str(address))
    upper = entry._replace(address=str(address).upper())
    assert canonical("c", long) == canonical("c", short) == canonical("c", upper)


@given(entries, entries)
def test_different_entries_have_different_forms(one: Sealed, other: Sealed) -> None:
    same = canonical("c", one) == canonical("c", other)
    assert same == (_comparable(one) == _comparable(other))


def _comparable(entry: Sealed) -> Sealed:
    address = ipaddress.ip_address(entry.address).packed if entry.address else None
    return entry._replace(address=address, detail=_typed(entry.detail))


def _typed(value: object) -> object:
    """Python takes True for 1; JSON does not."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return [_typed(one) for one in value]
    if isinstance(value, dict):
        return {key: _typed(one) for key, one in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    return value


@given(entries)
def test_the_digest_depends_on_key_predecessor_and_chain(entry: Sealed) -> None:
    content = canonical("c", entry)
    mine = digest("k", "p", content)
    assert len(mine) == 64
    assert mine != digest("l", "p", content)
    assert mine != digest("k", "q", content)
    assert mine != digest("k", "p", canonical("d", entry))


@pytest.mark.parametrize(
    ("float_", "integer"), [(1e22, 10**22), (1e23, 10**23), (-0.0, 0), (3.0, 3)]
)
def test_a_number_is_what_a_decimal_database_makes_of_it(float_: float, integer: int) -> None:
    entry = Sealed(1, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None, "a", "", "", "", None, {})
    as_float, as_integer = ({"n": float_}, {"n": integer})
    assert canonical("c", entry._replace(detail=as_float)) == canonical(
        "c", entry._replace(detail=as_integer)
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unix:", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_kept_in_one_spelling(said: str | None, kept: str | None) -> None:
    assert normal_address(said) == kept


def test_a_detail_that_json_lacks_is_refused() -> None:
    with pytest.raises(TypeError):
        storable({"at": dt.date(2026, 1, 1)})
    with pytest.raises(ValueError):
        storable({"n": float("nan")})
