from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401
        from config.celery import app  # noqa: F401  (shared tasks need the application)
