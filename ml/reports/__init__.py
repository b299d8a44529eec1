"""From models and baselines to result files, tables, figures and sheets."""
