"""Each class that there is becomes the first run of a plan of its own, with the same items."""

from django.db import migrations

FACTS = ("title", "description", "organization_id", "electives_needed", "created_at")


def plans_make(apps, schema_editor):
    Run = apps.get_model("classes", "TrainingClass")
    Plan = apps.get_model("classes", "ClassPlan")
    Item = apps.get_model("classes", "PlanItem")
    for run in Run.objects.filter(plan=None):
        plan = Plan.objects.create(**{name: getattr(run, name) for name in FACTS})
        Run.objects.filter(pk=run.pk).update(plan=plan)
        Item.objects.bulk_create(
            Item(plan=plan, lecture_id=one.lecture_id, kind=one.kind, position=one.position)
            for one in run.items.all()
        )


class Migration(migrations.Migration):
    dependencies = [("classes", "0004_plans_and_rules")]

    operations = [migrations.RunPython(plans_make, migrations.RunPython.noop)]
