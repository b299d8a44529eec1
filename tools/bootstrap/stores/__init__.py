"""The servers and the tables that a run of the tests uses."""
