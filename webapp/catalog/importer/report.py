"""Findings as CSV, one line each, for the person who maintains the feed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import IO

from webapp.catalog.importer.findings import Finding

HEADER = ("row", "sku", "outcome", "field", "why")


class Report:
    """Writes findings to a text file as they come."""

    def __init__(self, file: IO[str]) -> None:
        self.writer = csv.writer(file)
        self.writer.writerow(HEADER)

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            outcome = "refused" if finding.refused else "noticed"
            self.writer.writerow(
                [finding.row, finding.sku, outcome, finding.field, _no_formula(finding.text)]
            )


def _no_formula(text: str) -> str:
    """Quote text that a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
