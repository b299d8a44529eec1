"""WebSocket routes."""

from django.urls import path

from annotation.consumers.progress import CampaignConsumer

websocket_urlpatterns = [path("ws/campaigns/<int:campaign_id>/", CampaignConsumer.as_asgi())]
