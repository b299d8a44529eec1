"""The site over HTTP and WebSocket, for uvicorn and for gunicorn's ASGI worker."""

import os

from webapp.http.threaded import get_threaded_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

_http = get_threaded_application()  # sets up Django, whose apps the imports below need

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import WebsocketDenier  # noqa: E402
from django.urls import re_path  # noqa: E402

from annotation.consumers import routing as annotation_routing  # noqa: E402
from webapp.accounts.authentication import is_operators  # noqa: E402
from webapp.http.limits.body_size import BodyLimit  # noqa: E402
from webapp.http.limits.body_timeout import BodyTimeout  # noqa: E402
from webapp.http.limits.budget_guard import BudgetGuard  # noqa: E402
from webapp.http.limits.refusal_delay import RefusalDelay  # noqa: E402
from webapp.http.request_ids import SocketRequestId  # noqa: E402
from webapp.registry import routing as registry_routing  # noqa: E402
from webapp.search import routing as search_routing  # noqa: E402
from webapp.search.sockets.handshakes import HandshakeRate  # noqa: E402
from webapp.sites.sockets import SiteOrigin  # noqa: E402

websocket_urlpatterns = [
    *search_routing.websocket_urlpatterns,
    *annotation_routing.websocket_urlpatterns,
    *registry_routing.websocket_urlpatterns,
    re_path("", WebsocketDenier.as_asgi()),  # any other path
]

application = ProtocolTypeRouter(
    {
        "http": RefusalDelay(BudgetGuard(BodyTimeout(BodyLimit(_http, is_operators)))),
        "websocket": SocketRequestId(
            HandshakeRate(SiteOrigin(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))))
        ),
    }
)
