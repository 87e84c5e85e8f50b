from django.db import migrations


def note_what_passed(apps, schema_editor):
    """Of recordings that passed before this was kept. What a published one passed with is not known
    any more where a later one is in review already: its round alone is.
    """
    Review = apps.get_model("review", "Review")
    ReviewVersion = apps.get_model("review", "ReviewVersion")
    ReviewStep = apps.get_model("review", "ReviewStep")
    reviews = Review.objects.select_related("lecture")
    for review in reviews.filter(state="approved").iterator():
        ReviewVersion.objects.filter(review=review, asset=review.asset_id).update(
            passed_round=review.round,
            script=review.script,
            declared_at=review.declared_at,
            secrecy_by=review.secrecy_by_id,
            secrecy_at=review.secrecy_at,
        )
    under_way = reviews.exclude(state="approved").exclude(lecture__first_published_at=None)
    for review in under_way.iterator():
        for version in ReviewVersion.objects.filter(review=review, asset=review.lecture.asset_id):
            steps = ReviewStep.objects.filter(review=review, version=version.number)
            last = steps.order_by("round").last()
            if version.asset_id == review.asset_id or last is None:
                continue
            if not steps.filter(round=last.round).exclude(state="approved").exists():
                version.passed_round, version.script = last.round, review.script
                version.save(update_fields=["passed_round", "script"])


class Migration(migrations.Migration):
    dependencies = [("review", "0002_passed_with")]

    operations = [migrations.RunPython(note_what_passed, migrations.RunPython.noop)]
