"""Development tools: not part of the site, not in its images. An optional Django app in a checkout."""
