"""`python docker/probe.py PORT`: exit status 0 if the site on local port PORT is up."""

import sys
import urllib.request

with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz", timeout=4) as answer:
    sys.exit(answer.status != 200)
