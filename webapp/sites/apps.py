from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    name = "webapp.sites"
    verbose_name = _("Site keys")

    def ready(self) -> None:
        from webapp.sites import schema  # noqa: F401  registers the secret key's scheme with OpenAPI
