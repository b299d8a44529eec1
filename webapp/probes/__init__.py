"""What monitoring asks the site: /healthz, /readyz and /metrics."""
