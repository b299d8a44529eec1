"""Endpoints for monitoring: /healthz, /readyz and /metrics."""
