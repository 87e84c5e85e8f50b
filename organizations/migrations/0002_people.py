import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import organizations.models.dated
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("organizations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        max_length=300, verbose_name="what is wrong and what is right"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waiting"),
                            ("done", "corrected"),
                            ("refused", "not changed"),
                        ],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="answer")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent at"),
                ),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="answered at"),
                ),
            ],
            options={
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "issued_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="issued at"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="valid until")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used at")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
            ],
            options={
                "verbose_name": "one-time credential",
                "verbose_name_plural": "one-time credentials",
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateField(default=organizations.models.dated.today, verbose_name="from"),
                ),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="until")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("city", "city"),
                            ("county", "county"),
                            ("township", "township"),
                            ("village", "village"),
                            ("branch", "party branch"),
                            ("line", "line unit"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("path", models.CharField(db_index=True, max_length=255)),
            ],
            options={
                "verbose_name": "place in the tree",
                "verbose_name_plural": "places in the tree",
            },
        ),
        migrations.CreateModel(
            name="RosterExport",
            fields=[
                ("fence", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_owner", models.CharField(blank=True, max_length=100)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("uuid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "number",
                    models.CharField(max_length=24, unique=True, verbose_name="export number"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("making", "being made"),
                            ("done", "ready"),
                            ("failed", "stopped by a failure"),
                            ("expired", "removed"),
                        ],
                        db_index=True,
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("filters", models.JSONField(blank=True, default=dict)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("check", "checking the roster"),
                            ("training", "preparing training"),
                            ("report", "report asked for by a superior unit"),
                            ("visit", "visits and help"),
                            ("other", "another reason"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                (
                    "reason_text",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="more about the reason"
                    ),
                ),
                (
                    "full_phones",
                    models.BooleanField(default=False, verbose_name="whole phone numbers"),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("file", models.CharField(blank=True, max_length=100)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="asked for at"
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("failure", models.JSONField(blank=True, default=list)),
            ],
            options={
                "verbose_name": "roster export",
                "verbose_name_plural": "roster exports",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="RosterImport",
            fields=[
                ("fence", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_owner", models.CharField(blank=True, max_length=100)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("uuid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("people", "people"), ("units", "units")],
                        default="people",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "waiting to be checked"),
                            ("checking", "being checked"),
                            ("checked", "checked, nothing written yet"),
                            ("committing", "being written"),
                            ("done", "done"),
                            ("refused", "file not readable"),
                            ("cancelled", "cancelled"),
                            ("failed", "stopped by a failure"),
                        ],
                        db_index=True,
                        default="uploaded",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("file_name", models.CharField(max_length=120, verbose_name="file")),
                ("source", models.CharField(blank=True, max_length=100)),
                ("outcome", models.CharField(blank=True, max_length=100)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="uploaded at"
                    ),
                ),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("plans", models.JSONField(blank=True, default=dict)),
                ("outcomes", models.JSONField(blank=True, default=dict)),
                ("notes", models.JSONField(blank=True, default=list)),
                ("reason", models.JSONField(blank=True, default=list)),
            ],
            options={
                "verbose_name": "roster import",
                "verbose_name_plural": "roster imports",
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="RosterRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="row")),
                ("step", models.PositiveIntegerField(default=0)),
                ("code", models.CharField(blank=True, max_length=32)),
                ("data", models.JSONField(default=dict)),
                (
                    "plan",
                    models.CharField(
                        choices=[
                            ("create", "new"),
                            ("change", "changed"),
                            ("leave", "leaves"),
                            ("same", "unchanged"),
                            ("refuse", "not taken"),
                        ],
                        max_length=8,
                    ),
                ),
                ("changes", models.JSONField(blank=True, default=list)),
                ("messages", models.JSONField(blank=True, default=list)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "waiting"),
                            ("created", "newly entered"),
                            ("changed", "changed"),
                            ("left", "has left"),
                            ("same", "unchanged"),
                            ("refused", "not taken"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
            options={
                "verbose_name": "row of a roster import",
                "verbose_name_plural": "rows of a roster import",
            },
        ),
        migrations.CreateModel(
            name="ScopeGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateField(default=organizations.models.dated.today, verbose_name="from"),
                ),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="until")),
            ],
            options={
                "verbose_name": "granted read scope",
                "verbose_name_plural": "granted read scopes",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "valid_from",
                    models.DateField(default=organizations.models.dated.today, verbose_name="from"),
                ),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "dimension",
                    models.CharField(
                        choices=[
                            ("stage", "stage"),
                            ("field", "field of work"),
                            ("position", "position"),
                            ("state", "state"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "value",
                    models.CharField(
                        choices=[
                            ("applicant", "applicant"),
                            ("activist", "applicant in training"),
                            ("candidate", "development target"),
                            ("probationary", "probationary member"),
                            ("full", "full member"),
                            ("rural", "rural"),
                            ("community", "community"),
                            ("government", "government office"),
                            ("institution", "public institution"),
                            ("state_enterprise", "state enterprise"),
                            ("school", "school"),
                            ("new_sector", "new sector"),
                            ("secretary", "party secretary"),
                            ("team_member", "leadership team member"),
                            ("village_committee", "village committee member"),
                            ("resident_official", "resident official"),
                            ("first_secretary", "first secretary"),
                            ("affairs_worker", "party-affairs worker"),
                            ("organisation_cadre", "organisation department cadre"),
                            ("community_worker", "community worker"),
                            ("floating_out", "floating, away"),
                            ("floating_in", "floating, from elsewhere"),
                            ("retired", "retired"),
                            ("exempt", "exempt (old age or illness)"),
                        ],
                        max_length=24,
                        verbose_name="tag",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("transferred", "went to another branch"),
                    ("returned", "no longer floating here"),
                    ("finished", "no longer a learner here"),
                    ("died", "died"),
                    ("left_party", "left the party"),
                    ("moved_out", "moved to another prefecture"),
                    ("mistake", "entered by mistake"),
                ],
                max_length=12,
                verbose_name="reason of the end",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="closed_on",
            field=models.DateField(blank=True, null=True, verbose_name="closed on"),
        ),
        migrations.AddField(
            model_name="organization",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
                verbose_name="merged into",
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="opened_on",
            field=models.DateField(
                default=organizations.models.dated.today, verbose_name="opened on"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="activated_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="activated at"),
        ),
        migrations.AddField(
            model_name="user",
            name="code",
            field=models.CharField(
                blank=True, max_length=32, null=True, unique=True, verbose_name="person code"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="erased at"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="kind",
            field=models.CharField(
                choices=[
                    ("home", "home branch"),
                    ("floating_host", "host branch of a floating member"),
                    ("learner", "learner, not a member"),
                ],
                default="home",
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="role",
            field=models.CharField(
                choices=[
                    ("secretary", "branch secretary"),
                    ("affairs_officer", "party-affairs officer"),
                    ("site_operator", "site operator"),
                    ("reviewer", "reviewer"),
                    ("curator", "curator"),
                    ("administrator", "system administrator"),
                    ("security", "security administrator"),
                    ("auditor", "audit administrator"),
                ],
                max_length=16,
                verbose_name="post",
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["kind", "organization"], name="membership_kind"),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                fields=["name"], name="user_name", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                django.db.models.functions.text.Upper("username"), name="user_account_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("role__in", ("administrator", "security", "auditor")),
                    ("valid_to__isnull", True),
                ),
                fields=("user",),
                name="one_open_administration",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="answered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="corrections",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="credential",
            name="issued_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="credential",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="credentials",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="placement",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="placements",
                to="organizations.organization",
            ),
        ),
        migrations.AddField(
            model_name="placement",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
            ),
        ),
        migrations.AddField(
            model_name="rosterexport",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
                verbose_name="organisation",
            ),
        ),
        migrations.AddField(
            model_name="rosterexport",
            name="who",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="exported by",
            ),
        ),
        migrations.AddField(
            model_name="rosterimport",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
                verbose_name="organisation",
            ),
        ),
        migrations.AddField(
            model_name="rosterimport",
            name="who",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="imported by",
            ),
        ),
        migrations.AddField(
            model_name="rosterrow",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="rosterrow",
            name="roster_import",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="organizations.rosterimport",
            ),
        ),
        migrations.AddField(
            model_name="scopegrant",
            name="granted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="scopegrant",
            name="holder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants_held",
                to="organizations.organization",
                verbose_name="line unit",
            ),
        ),
        migrations.AddField(
            model_name="scopegrant",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants_given",
                to="organizations.organization",
                verbose_name="organisation",
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tags",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True), ("used_at__isnull", True)),
                fields=("user",),
                name="one_open_credential",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("organization",),
                name="one_open_placement",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True),
                    ("valid_to__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="placement_dates_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="rosterexport",
            index=models.Index(fields=["who", "-created_at"], name="roster_export_own"),
        ),
        migrations.AddIndex(
            model_name="rosterimport",
            index=models.Index(fields=["who", "-created_at"], name="roster_import_own"),
        ),
        migrations.AddIndex(
            model_name="rosterrow",
            index=models.Index(fields=["roster_import", "plan", "number"], name="roster_row_plan"),
        ),
        migrations.AddIndex(
            model_name="rosterrow",
            index=models.Index(
                fields=["roster_import", "outcome", "step", "number"], name="roster_row_outcome"
            ),
        ),
        migrations.AddConstraint(
            model_name="rosterrow",
            constraint=models.UniqueConstraint(
                fields=("roster_import", "number"), name="one_row_of_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="scopegrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("holder", "organization"),
                name="one_open_grant_of_a_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(fields=["value", "user"], name="tag_value"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to__isnull", True)),
                fields=("user", "value"),
                name="one_open_tag_of_a_kind",
            ),
        ),
    ]
