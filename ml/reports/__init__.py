"""Result files, tables, figures and sheets of models and baselines."""
