"""A mask of rows as FAISS wants it."""

from __future__ import annotations

from typing import Any

import numpy as np

from fakemilvus.datatypes import Mask


def selector(allowed: Mask | None) -> Any:
    """A FAISS selector of some rows, or None for all; it keeps the bits that it refers to."""
    if allowed is None:
        return None
    import faiss

    return faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
