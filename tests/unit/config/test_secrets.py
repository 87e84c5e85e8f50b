from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from config.secrets import local_secret


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    first = local_secret(tmp_path / "secrets", "SECRET_KEY")
    assert len(first) >= 32
    assert local_secret(tmp_path / "secrets", "SECRET_KEY") == first
    assert local_secret(tmp_path / "secrets", "OTHER") != first


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    local_secret(tmp_path / "secrets", "SECRET_KEY")
    assert (tmp_path / "secrets" / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: local_secret(tmp_path / "s", "KEY"), range(16)))
    assert len(found) == 1
