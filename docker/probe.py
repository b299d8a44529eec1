"""`python docker/probe.py PORT`: status 0 where the site on this machine's PORT is up."""

import sys
import urllib.request

with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz", timeout=4) as answer:
    sys.exit(answer.status != 200)
