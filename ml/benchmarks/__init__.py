"""What `python -m ml bench` runs: one file a benchmark, each with `run()` returning a JSON-able dict."""
