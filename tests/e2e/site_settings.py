"""The site's settings for browsers: with a recogniser whose names are known, whichever model is shipped."""

from webapp.settings import *  # noqa: F403
from webapp.settings import DATA_DIR

RECOGNISER_DIR = DATA_DIR.parent / "recogniser"
