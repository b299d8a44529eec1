from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "webapp.accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from webapp.accounts import schema  # noqa: F401  registers the token scheme with OpenAPI
