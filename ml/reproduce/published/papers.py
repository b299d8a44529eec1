"""All published tables by name, in the order of the papers."""

from collections.abc import Mapping

from ml.reproduce.published import dssa, gdh, sketch_me_that_shoe, sketchmate
from ml.reproduce.published.table import Table

TABLES: Mapping[str, Table] = {
    table.name: table for paper in (sketch_me_that_shoe, dssa, gdh, sketchmate) for table in paper.TABLES
}
