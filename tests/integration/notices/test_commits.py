"""What is done after a commit, and what becomes of it when it cannot be."""

import pytest
from django.db import transaction

from notices.commits import after_commit


def _unlucky(number: int, *, word: str) -> None:
    raise OSError(f"{word} {number}")


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_after_a_commit_is_logged_with_its_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[int] = []
    with transaction.atomic():
        after_commit(_unlucky, 7, word="gone")
        after_commit(done.append, 1)
        assert done == []
    assert done == [1]
    assert "Error calling _unlucky" in caplog.text
    assert "gone 7" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_done() -> None:
    done: list[int] = []
    with transaction.atomic():
        after_commit(done.append, 1)
        transaction.set_rollback(True)
    assert done == []
