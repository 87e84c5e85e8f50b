"""What the scheduler wakes, and when. Its clock is UTC; Asia/Shanghai is eight hours ahead."""

from celery.schedules import crontab

SCHEDULE = {
    # 03:20 in Shanghai.
    "verify-audit": {"task": "audit.tasks.verify", "schedule": crontab(minute="20", hour="19")},
    "sweep-jobs": {"task": "media_pipeline.tasks.sweep", "schedule": 10.0},
    "sweep-chores": {"task": "media_pipeline.tasks.sweep_chores", "schedule": 15.0},
    "move-originals": {"task": "media_pipeline.tasks.move_originals", "schedule": 30.0},
    "sweep-rosters": {"task": "organizations.roster.tasks.sweep", "schedule": 15.0},
    "expire-rosters": {"task": "organizations.roster.tasks.expire", "schedule": 3600.0},
    "sweep-uploads": {"task": "media_pipeline.tasks.sweep_uploads", "schedule": 3600.0},
    "sweep-completions": {"task": "lms.watching.tasks.sweep_completions", "schedule": 300.0},
    # 03:40 in Shanghai.
    "find-checks": {
        "task": "lms.watching.tasks.find_checks",
        "schedule": crontab(minute="40", hour="19"),
    },
    "sweep-enrolments": {"task": "lms.classes.tasks.sweep_enrolments", "schedule": 300.0},
    "sweep-ledger": {"task": "lms.ledger.tasks.sweep_ledger", "schedule": 300.0},
    "sweep-gatherings": {"task": "lms.gatherings.tasks.settle_shares", "schedule": 300.0},
    "count-figures": {"task": "lms.reports.tasks.count_marks", "schedule": 60.0},
    "sweep-figures": {"task": "lms.reports.tasks.sweep_figures", "schedule": 300.0},
    # 03:50 in Shanghai.
    "look-at-entries": {
        "task": "lms.reports.tasks.look_at_entries",
        "schedule": crontab(minute="50", hour="19"),
    },
    "sweep-rules": {"task": "lms.classes.tasks.sweep_rules", "schedule": 60.0},
    "sweep-reviews": {"task": "cms.review.tasks.sweep_reviews", "schedule": 300.0},
    "sweep-shelves": {"task": "cms.tasks.sweep_shelves", "schedule": 300.0},
    "sweep-search": {"task": "cms.tasks.sweep_search", "schedule": 300.0},
    "sweep-deliveries": {"task": "notices.tasks.sweep_deliveries", "schedule": 30.0},
    # 07:30 in Shanghai.
    "remind-classes": {
        "task": "lms.classes.tasks.remind_learners",
        "schedule": crontab(hour="23", minute="30"),
    },
    # 08:00 in Shanghai.
    "tell-reviewers": {
        "task": "cms.review.tasks.tell_reviewers",
        "schedule": crontab(hour="0", minute="0"),
    },
    "publish-due": {"task": "cms.tasks.publish_due", "schedule": 60.0},
    # 02:10 in Shanghai.
    "refresh-marks": {
        "task": "organizations.people.tasks.refresh_marks",
        "schedule": crontab(minute="10", hour="18"),
    },
    # 02:40 in Shanghai.
    "clean": {
        "task": "organizations.privacy.tasks.clean",
        "schedule": crontab(hour="18", minute="40"),
    },
}
