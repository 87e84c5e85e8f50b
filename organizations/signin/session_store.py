"""The session engine: rows in the database, copies in the cache for five minutes at a time.

Ending a session deletes both. Should the cache be out of reach at that moment and come back
later, its copy is at most five minutes old, instead of as old as the session may become.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.cached_db import SessionStore as CachedSession

COPY_SECONDS = 300


class SessionStore(CachedSession):
    # Django's, which its type stubs leave out.
    _cache: Any
    _session: Any
    _get_session_from_db: Any

    # The same prefix as before would read copies of the other engine, which live longer.
    cache_key_prefix = "organizations.signin.session_store"

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] | None = self._cache.get(self.cache_key)
        if data is None:
            row = self._get_session_from_db()
            if row is None:
                return {}
            data = self.decode(row.session_data)
            left = self.get_expiry_age(expiry=row.expire_date)
            self._cache.set(self.cache_key, data, min(COPY_SECONDS, left))
        return data

    def save(self, must_create: bool = False) -> None:
        super(CachedSession, self).save(must_create)
        left = self.get_expiry_age()
        self._cache.set(self.cache_key, self._session, min(COPY_SECONDS, left))
