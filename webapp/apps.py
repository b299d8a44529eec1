"""The project itself as an app: templates, translations and system checks."""

import structlog
from django.apps import AppConfig
from django.conf import settings

log = structlog.get_logger(__name__)


class SiteConfig(AppConfig):
    name = "webapp"
    verbose_name = "Sketchfind"

    def ready(self) -> None:
        from webapp.config import checks  # noqa: F401  registers the checks
        from webapp.observability.metrics import release_observe
        from webapp.registry.releases import live

        for hint in settings.ENVIRONMENT_HINTS:
            log.warning("environment_variable_unused", hint=hint)
        live.subscribe(lambda release: release_observe(release.number))
