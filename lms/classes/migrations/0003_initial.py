import django.db.models.deletion
import modelcluster.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("classes", "0002_initial"),
        ("organizations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="organization",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments",
                to="organizations.organization",
                verbose_name="home branch at enrolment",
            ),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="enrolments",
                to=settings.AUTH_USER_MODEL,
                verbose_name="learner",
            ),
        ),
        migrations.AddField(
            model_name="trainingclass",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="training_classes",
                to="organizations.organization",
                verbose_name="held by",
            ),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="training_class",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="enrolments",
                to="classes.trainingclass",
                verbose_name="class",
            ),
        ),
        migrations.AddField(
            model_name="classitem",
            name="training_class",
            field=modelcluster.fields.ParentalKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="classes.trainingclass",
                verbose_name="class",
            ),
        ),
        migrations.AddConstraint(
            model_name="trainingclass",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                name="class_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(
                fields=("training_class", "user"), name="one_enrolment_per_person_and_class"
            ),
        ),
        migrations.AddConstraint(
            model_name="classitem",
            constraint=models.UniqueConstraint(
                fields=("training_class", "lecture"), name="one_item_per_lecture_and_class"
            ),
        ),
    ]
