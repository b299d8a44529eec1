"""What is searched with what, and which metrics follow."""
