"""System `recogniser`: which name a sketch shows, from QuickDraw drawings and a teacher's soft labels."""
