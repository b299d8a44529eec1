"""System `gdh` (Generative Domain-Migration Hashing, ECCV 2018)."""
