"""Each completion that there is gets its evidence and its seal: by what its run asks for now, where
that gives the same instant; else as one of which nobody knows what was asked for then.
"""

from django.db import migrations

from lms.classes.asks import Asks
from lms.classes.criterion import RULE_UNKNOWN, Criterion
from lms.classes.proofs import FIELDS, completion_put, evidence_of, seal_of

BATCH = 500


def completions_seal(apps, schema_editor):
    Run = apps.get_model("classes", "TrainingClass")
    Enrolment = apps.get_model("classes", "Enrolment")
    Completion = apps.get_model("watching", "Completion")
    ItemDone = apps.get_model("classes", "ItemDone")

    def done_by(people, asks):
        found = {}
        by_lecture = {lecture: item for item, lecture in asks.lectures.items()}
        rows = Completion.objects.filter(user__in=people, lecture__in=by_lecture)
        for user, lecture, at in rows.values_list("user_id", "lecture_id", "completed_at"):
            own, item = found.setdefault(user, {}), by_lecture[lecture]
            own[item] = min(own.get(item, at), at)
        rows = ItemDone.objects.filter(user__in=people, item__in=asks.criterion.items)
        for user, item, at in rows.values_list("user_id", "item_id", "at"):
            found.setdefault(user, {})[item] = at
        return found

    def seal(one, counted, asks):
        at = one.completed_at
        if (
            counted is not None
            and completion_put(one, evidence_of(asks, counted)).completed_at == at
        ):
            return
        one.completed_at, one.completion_rule, one.evidence = at, RULE_UNKNOWN, {}
        one.seal = seal_of(one)

    completed = Enrolment.objects.filter(completed_at__isnull=False)
    for run in Run.objects.filter(pk__in=completed.values("training_class")):
        items = list(run.items.values_list("pk", "kind", "lecture_id"))
        required = frozenset(pk for pk, kind, _lecture in items if kind == "required")
        electives = frozenset(pk for pk, _kind, _lecture in items) - required
        asks = Asks(
            Criterion(required, electives, run.electives_needed),
            {pk: lecture for pk, _kind, lecture in items if lecture is not None},
        )
        rows, last = completed.filter(training_class=run).order_by("pk"), 0
        while some := list(rows.filter(pk__gt=last)[:BATCH]):
            done = done_by([one.user_id for one in some], asks)
            for one in some:
                seal(one, asks.criterion.counted(done.get(one.user_id, {})), asks)
            Enrolment.objects.bulk_update(some, FIELDS)
            last = some[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("classes", "0007_completions_have_rules"),
        ("watching", "0005_viewing_checks"),
    ]

    operations = [migrations.RunPython(completions_seal, migrations.RunPython.noop)]
