"""`python -m tools.vocabulary`: write the lexicon of `ml.vocabulary` from the noun files of WordNet 3.0.

On Debian they are in the package `wordnet-base`, in /usr/share/wordnet; without installing it:

    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb wordnet
    python -m tools.vocabulary --wordnet wordnet/usr/share/wordnet
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ml.vocabulary.lexicon import LEXICON
from ml.vocabulary.tables import all_senses

from .extract import lexicon_text, write_lexicon
from .wordnet import read_wordnet


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.vocabulary", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--wordnet", type=Path, default=Path("/usr/share/wordnet"), help="folder of data.noun"
    )
    parser.add_argument("--out", type=Path, default=LEXICON, help="file to write")
    options = parser.parse_args(arguments)
    n_bytes = write_lexicon(lexicon_text(read_wordnet(options.wordnet), named=all_senses()), options.out)
    print(f"{options.out}: {n_bytes:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
