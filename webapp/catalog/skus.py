"""The shop's numbers of products, in any script, and file names made of them."""

from __future__ import annotations

import hashlib
import re

# Begins with a letter or digit; no control characters, which neither logs nor spreadsheets survive.
SKU_PATTERN = r"^[^\W_][^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,63}\Z"
PRIVATE_PREFIX = "_study"  # of private products; SKU_PATTERN refuses it to every feed
_PLAIN = re.compile(r"[0-9A-Za-z._-]+\Z")


def sku_stem(sku: str) -> str:
    """Return a file name's stem for a SKU: itself if every file system can keep it, otherwise with a digest."""
    if _PLAIN.match(sku):
        return sku
    plain = re.sub(r"[^0-9A-Za-z._-]", "_", sku)
    return f"{plain}-{hashlib.sha256(sku.encode()).hexdigest()[:8]}"
