"""WebSocket routes."""

from django.urls import path

from webapp.search.sockets.consumer import SearchConsumer

websocket_urlpatterns = [path("ws/search/", SearchConsumer.as_asgi())]
