"""The papers' tables with their published figures, as printed.

Figures that `ml.reports.published` shows beside our results are taken from there.
"""
