from pathlib import Path

from config.embedded import LONGEST_SOCKET_PATH, redis_server, redis_socket


def test_the_socket_lies_under_var() -> None:
    assert redis_socket(Path("/srv/lectern/var")) == Path("/srv/lectern/var/redis.sock")


def test_a_deep_folder_gets_a_socket_that_the_system_accepts() -> None:
    deep = Path("/srv", *["a-rather-long-folder-name"] * 8)
    assert len(str(redis_socket(deep))) <= LONGEST_SOCKET_PATH
    assert redis_socket(deep) == redis_socket(deep)
    assert redis_socket(deep) != redis_socket(deep / "other")


def test_the_wheel_carries_a_redis_server() -> None:
    assert redis_server().is_file()
