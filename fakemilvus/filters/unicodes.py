"""Sets of characters as Python's regular expressions write the members of a class: by Unicode's category or script."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from fakemilvus import errors


def members(name: str, *, negated: bool) -> str | None:
    """The members of ``\\p{name}``, or of everything else; None where Unicode has no such class."""
    if name == "Any":
        return _shown(lambda character: not negated)
    if name in _SCRIPTS:
        return outside(_SCRIPTS[name]) if negated else _SCRIPTS[name]
    if name in _CATEGORIES:
        return _category(name, negated)
    if len(name) > 2 and name[0].isupper() and name.replace("_", "").isalpha():
        raise errors.Unimplemented(f"the class {name} in a regular expression")
    return None


@cache
def outside(inside: str) -> str:
    """Every character that these members leave."""
    found = re.compile(f"[{inside}]")
    return _shown(lambda character: found.match(character) is None)


def outside_ascii(inside: str) -> str:
    """The same for members that are ASCII."""
    found = re.compile(f"[{inside}]")
    rest = [chr(code) for code in range(128) if found.match(chr(code)) is None]
    return "".join(f"\\x{ord(character):02x}" for character in rest) + "\\x80-\\U0010ffff"


@cache
def _category(name: str, negated: bool) -> str:
    return _shown(lambda character: unicodedata.category(character).startswith(name) is not negated)


def _shown(holds: Callable[[str], bool]) -> str:
    """The ranges of all characters for which it holds."""
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in _ranges(holds))


def _ranges(holds: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    start = None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and holds(chr(code))
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            yield start, code - 1
            start = None


_CATEGORIES = {
    *("C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No"),
    *("P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs"),
}
HAN = (
    "\\u2e80-\\u2e99\\u2e9b-\\u2ef3\\u2f00-\\u2fd5\\u3005\\u3007\\u3021-\\u3029\\u3038-\\u303b\\u3400-\\u4dbf\\u4e00-\\u9fff"
    "\\uf900-\\ufa6d\\ufa70-\\ufad9\\U00016fe2-\\U00016fe3\\U00016ff0-\\U00016ff1\\U00020000-\\U0002a6df\\U0002a700-\\U0002b739"
    "\\U0002b740-\\U0002b81d\\U0002b820-\\U0002cea1\\U0002ceb0-\\U0002ebe0\\U0002f800-\\U0002fa1d\\U00030000-\\U0003134a"
    "\\U00031350-\\U000323af"
)
_SCRIPTS = {
    "Han": HAN,
    "Hiragana": "\\u3041-\\u3096\\u309d-\\u309f",
    "Katakana": (
        "\\u30a1-\\u30fa\\u30fd-\\u30ff\\u31f0-\\u31ff\\u32d0-\\u32fe\\u3300-\\u3357\\uff66-\\uff6f\\uff71-\\uff9d"
    ),
    "Hangul": (
        "\\u1100-\\u11ff\\u302e-\\u302f\\u3131-\\u318e\\u3200-\\u321e\\u3260-\\u327e\\ua960-\\ua97c"
        "\\uac00-\\ud7a3\\ud7b0-\\ud7c6\\ud7cb-\\ud7fb"
    ),
    "Cyrillic": (
        "\\u0400-\\u0484\\u0487-\\u052f\\u1c80-\\u1c88\\u1d2b\\u1d78\\u2de0-\\u2dff\\ua640-\\ua69f\\ufe2e-\\ufe2f"
    ),
    "Thai": "\\u0e01-\\u0e3a\\u0e40-\\u0e5b",
}
