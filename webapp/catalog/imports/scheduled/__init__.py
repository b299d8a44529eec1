"""Feeds by address over the API; catalog/feeds/ fetches them."""
