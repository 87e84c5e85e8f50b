"""Going to an address as somebody, and finding out what it told and what it changed."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.test import Client

from organizations.models import User
from tests.scope import tree
from tests.scope.rule import Rule
from tests.scope.tree import Viewer
from tests.scope.world import World

# SQLite's table of pairs holds no text that could be read; it goes with the rows of the search.
UNREADABLE = "cms_searchtext_grams"
# What any visit may write: sessions, the log and its anchor, open editors, clocks of watching.
KEPT_BY_VISITS = (
    "django_session",
    "usersessions_",
    "signin_",
    "audit_",
    "wagtailcore_modellogentry",
    "wagtailadmin_editingsession",
    "wagtailusers_userprofile",
    "wagtailcore_pagesubscription",
)
WRITE = re.compile(r'\s*(?:INSERT\b.*?\bINTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)', re.IGNORECASE)


DAY = 24 * 3600


def sign_in(client: Client, person: User) -> None:
    """With a passkey that stays recent for the whole walk: nothing here is about signing in."""
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "webauthn", "at": time.time() + DAY}
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()


class Visitor:
    """A browser for each viewer, signed in once."""

    def __init__(self, world: World, viewers: tuple[Viewer, ...]) -> None:
        self.world = world
        # Routes whose page was read for words that were left in English; once is enough.
        self.read: set[str] = set()
        self.clients = {viewer: Client(raise_request_exception=False) for viewer in viewers}
        for viewer, client in self.clients.items():
            if viewer.role != tree.ANONYMOUS:
                sign_in(client, world.belongings(viewer).person)

    def visit(
        self, viewer: Viewer, address: str, rule: Rule, *, data: dict[str, Any] | None = None
    ) -> Visit:
        """GET, or POST with `data`; whatever it changed is noted and then undone."""
        client, changes = self.clients[viewer], Changes((UNREADABLE, *KEPT_BY_VISITS, *rule.writes))
        signed_in, headers = copy.deepcopy(client.cookies), dict(rule.headers)
        with undone(), changes.watched():
            if data is None:
                response = client.get(address, headers=headers)
            elif rule.verb != "POST":
                response = client.generic(rule.verb, address, headers=headers)
            elif rule.as_json:
                body = json.dumps(data)
                response = client.post(address, body, "application/json", headers=headers)
            else:
                response = client.post(address, data, headers=headers)
            if response.streaming:
                response.body_read = b"".join(response)
            after = changes.digests()
        client.cookies = signed_in
        return Visit(response=response, changed=changes.real(after))


@dataclass
class Visit:
    response: Any
    changed: list[str]


@dataclass
class Changes:
    """Tables that somebody wrote to. Whether rows really differ is seen once all is undone."""

    passed_over: tuple[str, ...]
    tables: set[str] = field(default_factory=set)

    @contextmanager
    def watched(self) -> Iterator[None]:
        with connection.execute_wrapper(self._note):
            yield

    def _note(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        written = WRITE.match(str(sql))
        if written:
            table = written[1]
            if not table.startswith(self.passed_over):
                self.tables.add(table)
        return execute(sql, params, many, context)

    def digests(self) -> dict[str, str]:
        return {table: digest(table) for table in self.tables}

    def real(self, after: dict[str, str]) -> list[str]:
        return sorted(table for table in after if after[table] != digest(table))


def digest(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        rows = sorted(repr([_plain(value) for value in row]) for row in cursor.fetchall())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
