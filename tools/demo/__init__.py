"""The demo: its web server, its campaigns, and the renderer of its catalogue."""
