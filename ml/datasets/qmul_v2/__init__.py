"""QMUL's Shoe-V2 and Chair-V2: one format in four layouts."""
