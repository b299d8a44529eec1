"""What `python -m ml bench` runs: one file per benchmark, each with `run()` returning a JSON-able dict."""
