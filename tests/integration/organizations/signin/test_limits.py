"""How many mistakes cost how long, and whom they never touch."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from audit import log
from organizations.models import User
from organizations.signin import counters, limits
from organizations.signin.devices import device_read, device_remember
from organizations.signin.limits import Attempt, Held, Limit
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
SMALL = Limit("small", free=3, window=3600, wait=30, longest=120)


@pytest.fixture(autouse=True)
def own_numbers() -> Iterator[None]:
    counters.own.clear()
    yield
    counters.own.clear()


@pytest.fixture
def without_redis(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }


def request(address: str = "10.1.2.3", cookies: dict[str, str] | None = None) -> Any:
    made = RequestFactory().post("/accounts/login/", REMOTE_ADDR=address)
    made.COOKIES.update(cookies or {})
    return made


def known_browser(user: User, settings: Settings) -> dict[str, str]:
    response = HttpResponse()
    device_remember(request(), response, user.pk)
    return {settings.DEVICE_COOKIE_NAME: response.cookies[settings.DEVICE_COOKIE_NAME].value}


def at(moment: int) -> Any:
    return lambda: float(moment)


def mistakes(count: int, login: str, address: str = "10.1.2.3", **kwargs: Any) -> None:
    for _n in range(count):
        limits.password_attempt(request(address, **kwargs), login).failed()


def test_the_wait_grows_and_is_bounded() -> None:
    start, waits = 1_000_000, []
    for _n in range(6):
        attempt = Attempt((SMALL, "x"), clock=at(start))
        waits.append(attempt.failed())
        cache.delete("signin:small:hold:x")  # the time has passed
    assert waits == [0, 0, 30, 60, 120, 120]


def test_during_the_wait_nothing_is_tried_and_afterwards_once() -> None:
    for _n in range(3):
        Attempt((SMALL, "x"), clock=at(1000)).failed()
    with pytest.raises(Held) as held:
        Attempt((SMALL, "x"), clock=at(1010))
    assert held.value.seconds == 20
    Attempt((SMALL, "y"), clock=at(1010))


def test_guesses_sent_all_at_once_do_not_slip_through() -> None:
    made = 0
    for _n in range(50):  # none of them has failed yet
        try:
            Attempt((SMALL, "x"), clock=at(1000))
            made += 1
        except Held:
            pass
    assert made == SMALL.free


def test_success_gives_the_attempt_back() -> None:
    shared = Limit("shared", free=2, window=3600, wait=30, longest=30)
    for _n in range(50):
        Attempt((shared, "x"), clock=at(1000)).succeeded()
    Attempt((shared, "x"), clock=at(1000)).failed()


def test_six_wrong_passwords_hold_one_account_at_one_place_only() -> None:
    UserFactory(username="anna")
    mistakes(5, "anna")
    with pytest.raises(Held):
        mistakes(1, "anna", "10.1.2.99")  # the same /24
    mistakes(1, "anna", "10.9.9.9")
    mistakes(1, "berta")


def test_an_unknown_account_is_held_like_a_known_one() -> None:
    mistakes(5, "nobody")
    with pytest.raises(Held):
        mistakes(1, "NOBODY")


@pytest.mark.parametrize(("held", "other"), [("anna", "13800138000"), ("13800138000", "anna")])
def test_holding_a_name_does_not_tell_whose_number_it_is(held: str, other: str) -> None:
    UserFactory(username="anna", phone="13800138000")
    mistakes(5, held)
    for n in range(limits.ON_ACCOUNT.free):
        with contextlib.suppress(Held):
            mistakes(1, held, f"10.{n}.1.1")
    with pytest.raises(Held):
        mistakes(1, held, "172.16.0.1")
    mistakes(1, other, "172.16.0.1")
    mistakes(1, other)


def test_a_known_browser_counts_name_and_number_apart_too(settings: Settings) -> None:
    anna = UserFactory(username="anna", phone="13800138000")
    cookies = known_browser(anna, settings)
    with pytest.raises(Held):
        mistakes(11, "anna", cookies=cookies)
    mistakes(1, "13800138000", cookies=cookies)


def test_spellings_that_are_one_name_share_a_counter() -> None:
    UserFactory(username="anna", phone="13800138000")
    mistakes(3, "Anna")
    mistakes(2, "ANNA")
    with pytest.raises(Held):
        mistakes(1, "anna")


def test_of_tries_sent_all_at_once_five_are_looked_at() -> None:
    start = threading.Barrier(20)

    def one() -> bool:
        start.wait()
        return limits.code_try("13800138000:1.5", 300)

    with ThreadPoolExecutor(20) as pool:
        answers = [future.result() for future in [pool.submit(one) for _n in range(20)]]
    assert answers.count(True) == limits.CODE_TRIES
    assert not limits.code_is_open("13800138000:1.5")
    assert limits.code_is_open("13800138000:2.5")


@pytest.mark.usefixtures("without_redis")
def test_without_redis_tries_of_a_code_are_counted_too() -> None:
    answers = [limits.code_try("13800138000:1.5", 300) for _n in range(7)]
    assert answers.count(True) == limits.CODE_TRIES


def test_strangers_everywhere_do_not_lock_out_a_known_browser(settings: Settings) -> None:
    anna = UserFactory(username="anna")
    cookies = known_browser(anna, settings)
    for n in range(limits.ON_ACCOUNT.free + 5):
        with contextlib.suppress(Held):
            mistakes(1, "anna", f"10.{n}.1.1")
    with pytest.raises(Held):
        mistakes(1, "anna", "172.16.0.1")
    limits.password_attempt(request(cookies=cookies), "anna").succeeded()


def test_a_known_browser_has_a_limit_of_its_own(settings: Settings) -> None:
    cookies = known_browser(UserFactory(username="anna"), settings)
    with pytest.raises(Held):
        mistakes(11, "anna", cookies=cookies)
    mistakes(1, "anna")  # which holds nobody else


def test_a_browser_known_to_one_account_is_a_stranger_to_others(settings: Settings) -> None:
    cookies = known_browser(UserFactory(username="anna"), settings)
    UserFactory(username="berta")
    mistakes(5, "berta", cookies=cookies)
    with pytest.raises(Held):
        mistakes(1, "berta", cookies=cookies)


def test_a_cookie_made_elsewhere_is_no_cookie(settings: Settings) -> None:
    anna = UserFactory(username="anna")
    cookies = known_browser(anna, settings)
    name = settings.DEVICE_COOKIE_NAME
    assert device_read(request(cookies=cookies)).knows(anna.pk)  # type: ignore[union-attr]
    assert device_read(request(cookies={name: cookies[name] + "x"})) is None
    assert device_read(request(cookies={name: "junk"})) is None


def test_two_hundred_people_behind_one_address_sign_in_though_many_err() -> None:
    User.objects.bulk_create(User(username=f"village{n}", password="!") for n in range(200))
    for n in range(200):
        mistakes(int(n % 5 == 0), f"village{n}")
        limits.password_attempt(request(), f"village{n}").succeeded()


def test_guessing_through_many_accounts_from_one_network_is_slowed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        limits, "ON_NETWORK", Limit("network", free=20, window=3600, wait=5, longest=5)
    )
    for n in range(20):
        mistakes(1, f"someone{n}")
    with pytest.raises(Held) as held:
        mistakes(1, "somebody")
    assert held.value.seconds == 5


@pytest.mark.usefixtures("without_redis")
def test_without_redis_this_process_counts() -> None:
    UserFactory(username="anna")
    mistakes(5, "anna")
    with pytest.raises(Held):
        mistakes(1, "anna")
    mistakes(1, "berta")


@pytest.mark.usefixtures("without_redis")
def test_without_redis_messages_are_limited_too() -> None:
    limits.sms_take(request(), "13800138000", None)
    with pytest.raises(Held):
        limits.sms_take(request(), "13800138000", None)


def test_a_number_gets_one_message_a_minute_and_five_an_hour() -> None:
    sent, refused = 0, []
    for _n in range(7):
        try:
            limits.sms_take(request(), "13800138000", None)
            sent += 1
        except Held as held:
            refused.append(held.seconds)
        for key in list(counters_keys("13800138000")):
            cache.delete(key)  # a minute has passed
    assert sent == 5
    assert all(seconds <= 24 * 3600 for seconds in refused)
    limits.sms_take(request(), "13900139000", None)


def counters_keys(phone: str) -> list[str]:
    return [f"signin:sms:hold:{limits._digest(phone)}"]


def test_strangers_cannot_use_up_the_messages_of_a_known_browser(settings: Settings) -> None:
    anna = UserFactory(phone="13800138000")
    limits.sms_take(request("10.9.9.9"), "13800138000", anna)
    with pytest.raises(Held):
        limits.sms_take(request(), "13800138000", anna)
    limits.sms_take(request(cookies=known_browser(anna, settings)), "13800138000", anna)


def test_strangers_cannot_use_up_the_messages_where_the_owner_signed_in_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "SMS_INTERVAL", 0)
    anna = UserFactory(phone="13800138000")
    log.record("account.sign_in", actor=anna, request=request("10.1.2.3"))
    log.record("account.sign_in", actor=UserFactory(), request=request("10.7.7.7"))
    refused = request("10.8.8.8")
    log.record("account.sign_in", actor=anna, result="denied", request=refused)
    for _n in range(5):
        limits.sms_take(request("10.9.9.9"), "13800138000", anna)
    for stranger in (request("10.9.9.9"), request("10.7.7.7"), refused):
        with pytest.raises(Held):
            limits.sms_take(stranger, "13800138000", anna)
    # A new browser, another address of the same neighbourhood.
    for _n in range(5):
        limits.sms_take(request("10.1.2.77"), "13800138000", anna)
    with pytest.raises(Held):
        limits.sms_take(request("10.1.2.77"), "13800138000", anna)


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("10.1.2.3", "10.1.2.0/24"),
        ("::ffff:10.1.2.3", "10.1.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("", "nowhere"),
    ],
)
def test_neighbourhoods(address: str, wanted: str) -> None:
    assert limits.network(request(address)) == wanted
