"""Reads text files in the codings that tools and Windows write."""

from __future__ import annotations

import codecs
from pathlib import Path

from .records import FormatError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_plain_text(path: Path, remedy: str) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark. Raises FormatError that ends with the remedy."""
    try:
        content = path.read_bytes()
        coding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
        return content.decode(coding).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise FormatError(f"not a UTF-8 text (byte {error.start}); {remedy}") from error
    except OSError as error:
        raise FormatError(f"the file cannot be read ({error.strerror}); check it") from error
