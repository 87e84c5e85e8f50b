"""How often one may try to sign in, and how long to wait after too many mistakes.

Three things are held apart, so that slowing down guessers does not shut out people:

* a browser that was signed in to the account before (`devices`) has a counter of its own, and
  none of the others counts for it: strangers' attempts never lock an owner out;
* elsewhere what was typed, an account name or a phone, has a counter for each network (/24, /64)
  and a wider one over all of them, which slows down guesses that come from many places. Name and
  phone of one account are counted apart: holding one must not tell that the other is the same
  person's;
* a network has a wide one: a whole village shares one address, so it only spaces attempts
  after hundreds of mistakes in an hour.

A mistake costs nothing at first; then the time to wait doubles up to a quarter of an hour. Only
mistakes count. Text messages have quotas: one of a number for everybody, one of each browser that
knows the account, and one of the networks from which the account signed in before (`places`), so
that strangers elsewhere do not use it up.

What is left: somebody with many networks can hold the password of one name or number on browsers
that are new to it, and by asking for messages those of the number, for up to a day, where both the
browser and the network are new to the account; neighbours in one network can do the latter there.
A one-time credential opens the account all the same: it asks for none of these. Reference: ASVS
5.0, 6.1.1 and 6.3.1; OWASP on device cookies.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.log import client_address
from organizations.models import User
from organizations.signin import counters
from organizations.signin.devices import device_read
from organizations.signin.phones import phone_normalise
from organizations.signin.places import neighbourhood, signed_in_from


class Held(Exception):
    """Too many attempts; the next one may be made in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = max(seconds, 1)


@dataclass(frozen=True)
class Limit:
    """`free` mistakes within `window` seconds, then waits that double from `wait` to `longest`."""

    name: str
    free: int
    window: int
    wait: int
    longest: int

    def pause(self, mistakes: int) -> int:
        """Seconds to wait after so many mistakes."""
        return min(self.wait * 2 ** min(mistakes - self.free, 20), self.longest)


DAY = 24 * 3600
ON_DEVICE = Limit("device", free=10, window=DAY, wait=30, longest=900)
ON_ACCOUNT_HERE = Limit("account-here", free=5, window=DAY, wait=30, longest=900)
ON_ACCOUNT = Limit("account", free=30, window=DAY, wait=30, longest=900)
ON_NETWORK = Limit("network", free=500, window=3600, wait=5, longest=5)
ON_CREDENTIALS = Limit("credentials", free=200, window=3600, wait=5, longest=5)

# Seconds between two text messages to one number, and (number, seconds): how many one number and
# one network may ask for.
SMS_INTERVAL = 60
SMS_PHONE = ((5, 3600), (10, DAY))
SMS_NETWORK = ((250, 600), (800, DAY))
# Tries of one code that was sent.
CODE_TRIES = 5
# How often one account and one network may name a new number of their own, (number, seconds): the
# answer may tell whether somebody else has it.
OWN_PHONE = ((5, 3600), (10, DAY))
OWN_PHONE_NETWORK = ((100, 3600), (300, DAY))

# How many whole phones and person codes one reader of masked lists may look for, (number,
# seconds): an answer tells what the mask hides.
SEARCHES = ((60, 3600), (300, DAY))


def network(request: HttpRequest) -> str:
    """The neighbourhood a request comes from."""
    return neighbourhood(client_address(request))


class Attempt:
    """One attempt that may be made; it was counted as a mistake beforehand.

    Counting first keeps guesses that are sent all at once from slipping through together.
    """

    def __init__(self, *counted: tuple[Limit, str], clock: Callable[[], float] = time.time) -> None:
        self._now = int(clock())
        self._taken: list[tuple[Limit, str, int]] = []
        for limit, what in counted:
            until = counters.value(self._hold_key(limit, what))
            if until > self._now:
                raise Held(until - self._now)
        for limit, what in counted:
            self._take(limit, what)

    def _take(self, limit: Limit, what: str) -> None:
        mistakes = counters.count(self._count_key(limit, what), limit.window)
        if mistakes >= limit.free:
            pause = limit.pause(mistakes)
            if not counters.hold(self._hold_key(limit, what), self._now + pause, pause):
                counters.count(self._count_key(limit, what), limit.window, by=-1)
                self._give_back()
                raise Held(pause)
        self._taken.append((limit, what, mistakes))

    def _give_back(self) -> None:
        for limit, what, mistakes in self._taken:
            counters.count(self._count_key(limit, what), limit.window, by=-1)
            if mistakes >= limit.free:
                counters.drop(self._hold_key(limit, what))

    def failed(self) -> int:
        """It was a mistake: seconds to wait until the next attempt, 0 for none."""
        pauses = [limit.pause(n) for limit, _what, n in self._taken if n >= limit.free]
        return max(pauses, default=0)

    def succeeded(self) -> None:
        """It was none. What was counted for the person alone starts anew; what others share
        loses this one attempt only, or guessers could wash their mistakes off.
        """
        self._give_back()
        for limit, what, _mistakes in self._taken:
            if limit in (ON_DEVICE, ON_ACCOUNT_HERE):
                counters.drop(self._count_key(limit, what))

    def _count_key(self, limit: Limit, what: str) -> str:
        # The window is part of the key: a counter that lost its end stops to matter anyway.
        return f"signin:{limit.name}:{self._now // limit.window}:{what}"

    def _hold_key(self, limit: Limit, what: str) -> str:
        return f"signin:{limit.name}:hold:{what}"


def _named(login: str) -> list[int]:
    return list(User.objects.filter(username__iexact=login).values_list("pk", flat=True))


def _called(login: str) -> list[int]:
    phone = phone_normalise(login)
    found = User.objects.filter(phone=phone) if phone else User.objects.none()
    return list(found.values_list("pk", flat=True))


def accounts_meant(login: str) -> list[int]:
    """Keys of the accounts that an account name or a phone number may mean."""
    return sorted({*_named(login), *_called(login)})


def password_attempt(request: HttpRequest, login: str) -> Attempt:
    """May a password be tried now? Raises Held. Unknown names are held like known ones."""
    device, here = device_read(request), network(request)
    named, called = _named(login), _called(login)
    # The database's own idea of which spellings are one name.
    meant = [f"{pk}:name" for pk in named] + [f"{pk}:phone" for pk in called]
    if device and meant and all(device.knows(pk) for pk in (*named, *called)):
        return Attempt(*((ON_DEVICE, f"{device.name}:{name}") for name in meant))
    meant = meant or [_digest(login.casefold())]
    counted = [(ON_ACCOUNT_HERE, f"{name}:{here}") for name in meant]
    counted += [(ON_ACCOUNT, name) for name in meant]
    return Attempt(*counted, (ON_NETWORK, here))


def credential_attempt(request: HttpRequest) -> Attempt:
    """May a one-time credential be tried now? It cannot be guessed, so no account is held."""
    return Attempt((ON_CREDENTIALS, network(request)))


def sms_take(request: HttpRequest, phone: str, user: AbstractBaseUser | None) -> None:
    """Take one text message from the quotas of number and network; raises Held.

    The same for numbers that nobody has. A browser that knows the account has a quota of its
    own, and so have together the networks from which the account signed in before: strangers
    elsewhere who ask for messages use up neither.
    """
    device, here, now = device_read(request), network(request), int(time.time())
    whose = _digest(phone)
    if user is not None:
        if device and device.knows(user.pk):
            whose = f"{device.name}:{user.pk}"
        elif signed_in_from(user.pk, here):
            whose = f"{whose}:known"
    taken = _take(now, ("sms", whose, SMS_PHONE), ("sms-network", here, SMS_NETWORK))
    hold = f"signin:sms:hold:{whose}"
    if not counters.hold(hold, now + SMS_INTERVAL, SMS_INTERVAL):
        _untake(taken)
        raise Held(counters.value(hold) - now)


def own_phone_take(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Count one new number that somebody names as their own; raises Held."""
    _take(
        int(time.time()),
        ("own-phone", str(user.pk), OWN_PHONE),
        ("own-phone-network", network(request), OWN_PHONE_NETWORK),
    )


def elsewhere_check(user: AbstractBaseUser) -> None:
    """May a keeper of rosters enter a phone or code, now? Raises Held after too many answers that
    it belongs to somebody whom they do not keep.
    """
    now = int(time.time())
    for key, most, seconds in _elsewhere(user, now):
        if counters.value(key) >= most:
            raise Held(seconds - now % seconds)


def elsewhere_take(user: AbstractBaseUser, people: Iterable[int]) -> int:
    """Count those of whom an answer tells the user that they are known, each once a day; returns
    how many are told of for the first time.

    Raises Held where they are too many: nobody is told of then, and the refusal counts as one.
    """
    now = int(time.time())
    marks = [f"signin:elsewhere:{user.pk}:{now // DAY}:{pk}" for pk in people]
    new = [mark for mark in marks if counters.hold(mark, 1, DAY)]
    taken: list[tuple[str, int]] = []
    for key, most, seconds in _elsewhere(user, now) if new else ():
        taken.append((key, seconds))
        if counters.count(key, seconds, by=len(new)) > most:
            for counted, lives in taken:
                counters.count(counted, lives, by=1 - len(new))
            for mark in new:
                counters.drop(mark)
            raise Held(seconds - now % seconds)
    return len(new)


def _elsewhere(user: AbstractBaseUser, now: int) -> list[tuple[str, int, int]]:
    """Counter, how many, and within how many seconds."""
    most = max(settings.ROSTER_MAX_FOREIGN, 1)
    return [
        (f"signin:elsewhere:{seconds}:{now // seconds}:{user.pk}", many, seconds)
        for many, seconds in ((most, 3600), (2 * most, DAY))
    ]


def search_take(user: AbstractBaseUser, sought: str) -> None:
    """Count a search for a whole phone or code in masked lists, the same one once an hour; raises
    Held.
    """
    now = int(time.time())
    mark = f"signin:search:{user.pk}:{now // 3600}:{_digest(sought)}"
    if counters.hold(mark, 1, 3600):
        try:
            _take(now, ("search", str(user.pk), SEARCHES))
        except Held:
            counters.drop(mark)
            raise


def code_try(issued: str, seconds: int) -> bool:
    """Count one try of a code, right or wrong, before it is looked at; False after five.

    `issued` names the code, `seconds` is how long it lives. Not in the session: requests that
    come at once read the same session, and the last to end writes its own number.
    """
    return counters.count(_code_key(issued), seconds) <= CODE_TRIES


def code_is_open(issued: str) -> bool:
    """Whether the code may be tried once more."""
    return counters.value(_code_key(issued)) < CODE_TRIES


def _code_key(issued: str) -> str:
    return f"signin:code:{_digest(issued)}"


def _take(now: int, *quotas: tuple[str, str, tuple[tuple[int, int], ...]]) -> list[tuple[str, int]]:
    """Take one from each quota or none; raises Held. Returns what `_untake` gives back."""
    taken: list[tuple[str, int]] = []
    for name, what, windows in quotas:
        for most, seconds in windows:
            key = f"signin:{name}:{seconds}:{now // seconds}:{what}"
            taken.append((key, seconds))
            if counters.count(key, seconds) > most:
                _untake(taken)
                raise Held(seconds - now % seconds)
    return taken


def _untake(taken: list[tuple[str, int]]) -> None:
    for key, seconds in taken:
        counters.count(key, seconds, by=-1)


def wait_words(seconds: int) -> str:
    """How long to wait, as people say it."""
    if seconds <= 90:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    if minutes <= 90:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


def held_sentence(seconds: int, *, sms: bool) -> str:
    """What happened and what to do."""
    wait = wait_words(seconds)
    if sms:
        return _(
            "Too many mistakes in a row. Please try again in %(wait)s, sign in by text message, "
            "or ask your branch for a one-time code."
        ) % {"wait": wait}
    return _(
        "Too many mistakes in a row. Please try again in %(wait)s, or ask your branch for a "
        "one-time code."
    ) % {"wait": wait}


def _digest(text: str) -> str:
    """Numbers and names do not stand in the cache in the clear."""
    return salted_hmac("organizations.signin.limits", text, algorithm="sha256").hexdigest()[:32]
