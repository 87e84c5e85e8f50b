import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="LecturePage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.page",
                    ),
                ),
                ("summary", models.CharField(blank=True, max_length=200, verbose_name="summary")),
                ("speaker", models.CharField(blank=True, max_length=60, verbose_name="speaker")),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("theory", "Political theory"),
                            ("politics", "Political education and training"),
                            ("rules", "Party constitution, rules and discipline"),
                            ("purpose", "The party's purpose"),
                            ("tradition", "Revolutionary tradition"),
                            ("situation", "Situation and policy"),
                            ("skills", "Knowledge and skills"),
                        ],
                        default="skills",
                        max_length=12,
                        verbose_name="subject",
                    ),
                ),
                (
                    "recorded_on",
                    models.DateField(blank=True, null=True, verbose_name="recorded on"),
                ),
                (
                    "submitted_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="submitted at"
                    ),
                ),
            ],
            options={
                "verbose_name": "lecture",
                "verbose_name_plural": "lectures",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="LibraryPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.page",
                    ),
                ),
            ],
            options={
                "verbose_name": "resource library",
                "verbose_name_plural": "resource libraries",
            },
            bases=("wagtailcore.page",),
        ),
        migrations.CreateModel(
            name="ShelfPage",
            fields=[
                (
                    "page_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.page",
                    ),
                ),
            ],
            options={
                "verbose_name": "shelf",
                "verbose_name_plural": "shelves",
            },
            bases=("wagtailcore.page",),
        ),
    ]
