"""The project itself as an app: templates, translations and system checks."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "webapp"
    verbose_name = "Sketchfind"

    def ready(self) -> None:
        from webapp import checks  # noqa: F401  registers the checks
        from webapp.metrics import release_observe
        from webapp.registry import live

        live.subscribe(lambda release: release_observe(release.number))
