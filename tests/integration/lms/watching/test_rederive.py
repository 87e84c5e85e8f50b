"""`completions_rederive` names completions that do not follow from evidence, and mends them."""

import datetime as dt
import json
from functools import partial

import pytest

from lms.watching.beats import beat_record
from lms.watching.completions import completions_log
from lms.watching.evidence import Bitmap
from lms.watching.models import Completion, PlaySession
from lms.watching.play import play_session_open
from lms.watching.tokens import play_claims
from tests.commands import ended

pytestmark = pytest.mark.django_db
rederive = partial(ended, "completions_rederive")


@pytest.fixture
def completion(member, lecture, wall):
    opened = play_session_open(user=member, lecture=lecture)
    wall.passes(70)
    beat_record(
        claims=play_claims(opened.token),
        seq=1,
        position=120.0,
        seen=Bitmap.span(0, 120).to_bytes(),
    )
    completions_log()
    return Completion.objects.get()


def test_what_follows_from_its_evidence_is_found_right(completion):
    code, said = rederive("--check")
    assert code == 0, said


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("completed_at", lambda one: one.completed_at + dt.timedelta(days=200)),
        ("completed_at", lambda one: one.completed_at - dt.timedelta(seconds=20)),
        ("covered", lambda one: one.covered - 5),
        ("rule_version", lambda one: 9),
    ],
)
def test_an_altered_value_is_named_with_its_row_and_mended(completion, field, change):
    then = completion.completed_at
    Completion.objects.update(**{field: change(completion)})
    code, said = rederive("--check")
    assert code == 1
    assert f"altered ({field}): watching.Completion {completion.pk}," in said
    assert Completion.objects.get().pk == completion.pk
    assert rederive()[0] == 0
    assert rederive("--check")[0] == 0
    assert abs(Completion.objects.get().completed_at - then) < dt.timedelta(seconds=1)


def test_a_completion_that_was_removed_is_missing_and_written_again(completion):
    Completion.objects.all().delete()
    code, said = rederive("--check")
    assert code == 1
    assert f"missing: watching.Completion, person {completion.user_id}," in said
    assert rederive()[0] == 0
    assert Completion.objects.exists()


def test_a_completion_without_evidence_is_unfounded_and_taken_back(completion, member, lecture):
    PlaySession.objects.update(seen=b"", accepted=0)
    code, said = rederive("--check")
    assert code == 1
    assert f"unfounded: watching.Completion {completion.pk}," in said
    assert rederive()[0] == 0
    assert not Completion.objects.exists()


def test_a_session_that_holds_more_than_was_accepted_is_named(completion):
    PlaySession.objects.update(accepted=60)
    code, said = rederive("--check")
    assert code == 1
    assert "altered" in said
    assert str(PlaySession.objects.get().pk) in said


def test_each_doubt_is_a_line_of_json_when_asked(completion):
    Completion.objects.update(covered=119)
    code, said = rederive("--check", "--json")
    doubt, last = [json.loads(line) for line in said.splitlines()]
    assert (code, last["ok"], doubt["row"]) == (1, False, completion.pk)
    assert doubt["fields"] == ["covered"]


def test_what_was_being_written_while_it_was_read_is_no_doubt(completion, monkeypatch):
    """The completion was committed between the read of the sessions and that of the completions."""
    from lms.watching import rederiving

    read, looks = rederiving._people, []

    def before_and_after(users):
        looks.append(users)
        found = read(users)
        if len(looks) == 1:
            for person in found.values():
                person.sessions.clear()
        return found

    monkeypatch.setattr(rederiving, "_people", before_and_after)
    code, said = rederive("--check")

    assert code == 0, said
    assert looks[1:] == [[completion.user_id]]
