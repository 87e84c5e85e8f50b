from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("classes", "0008_rules_of_completions")]

    operations = [
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("completed_at__isnull", True), ("completion_rule", "")),
                    models.Q(
                        ("completed_at__isnull", False),
                        models.Q(("completion_rule", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="completion_has_its_rule",
            ),
        ),
    ]
