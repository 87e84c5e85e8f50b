import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from tests.factories import UserFactory


@pytest.fixture
def no_redis(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }


def test_with_redis_it_is_an_ordinary_cache() -> None:
    cache.set("key", "value", 30)
    assert cache.get("key") == "value"
    assert cache.add("key", "other") is False
    assert cache.get_many(["key", "none"]) == {"key": "value"}


@pytest.mark.usefixtures("no_redis")
def test_without_redis_it_is_an_empty_one() -> None:
    cache.set("key", "value", 30)
    assert cache.get("key", "default") == "default"
    assert cache.get_many(["key"]) == {}
    assert cache.set_many({"key": 1}) == []
    assert cache.add("key", 1) is True
    assert cache.delete("key") is False
    assert "key" not in cache


@pytest.mark.django_db
@pytest.mark.usefixtures("no_redis")
def test_people_sign_in_and_read_while_redis_is_away(client: Client) -> None:
    UserFactory(username="someone", password="not-a-default-1")
    fields = {"login": "someone", "password": "not-a-default-1"}
    assert client.post("/accounts/login/", fields).status_code == 302
    assert client.get("/me/").status_code == 200
