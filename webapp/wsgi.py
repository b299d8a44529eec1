"""The site over WSGI, for tests and for servers without an event loop; production serves `webapp.asgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

_http = get_wsgi_application()  # sets up Django, whose settings the imports below need

from webapp.accounts.authentication import is_operators  # noqa: E402
from webapp.http.limits.body_size import WsgiBodyLimit  # noqa: E402

application = WsgiBodyLimit(_http, is_operators)
