r"""Regular expressions of RE2: what Go's parser refuses of them, in its words, and the same in Python's syntax.

What is understood is the Perl-like syntax of RE2 without look-around and back references; a dot matches line ends too,
``\d \w \s \b`` are ASCII, ``$`` is the end of the text. Not built: classes by script other than a few.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fakemilvus import errors
from fakemilvus.filters import unicodes

MAX_REPEAT = 1_000
MAX_DEPTH = 1_000  # of groups, as in Go; Python's own parser takes about half


@dataclass(frozen=True, slots=True)
class Flags:
    """``(?ims-U)``: case is ignored, ``^ $`` at lines, a dot is any character, repetition is lazy."""

    i: bool = False
    m: bool = False
    s: bool = True
    U: bool = False


def compiled(expression: str) -> re.Pattern[str]:
    """The expression for Python; raises FilterRegexInvalid."""
    try:
        return re.compile(_Translation(expression).whole())
    except (re.error, OverflowError, RecursionError):
        raise errors.FilterRegexInvalid(problem="expression nests too deeply", piece=expression) from None


class _Translation:
    """One pass over an expression; ``_out`` is the part that the last repetition operator would repeat."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._names: set[str] = set()

    def whole(self) -> str:
        made = self._alternatives(Flags(), 0)
        if self._at < len(self._text):
            raise self._invalid("unexpected )", self._text)
        return made

    def _alternatives(self, flags: Flags, depth: int) -> str:
        """Up to the parenthesis that closes a group, or the end; a change of flags holds until there."""
        if depth > MAX_DEPTH:
            raise self._invalid("expression nests too deeply", self._text)
        branches: list[list[str]] = [[]]
        while self._at < len(self._text) and self._text[self._at] != ")":
            start, character = self._at, self._text[self._at]
            if character == "|":
                self._at += 1
                branches.append([])
            elif character in "*+?" or self._counted() is not None:
                raise self._invalid("missing argument to repetition operator", self._operator())
            elif character == "(":
                made, flags = self._group(flags, depth)
                branches[-1].append(self._repeated(made, flags))
            else:
                branches[-1].append(self._repeated(self._single(flags), flags))
            assert self._at > start
        return "|".join("".join(piece for piece in branch if piece) for branch in branches)

    def _group(self, flags: Flags, depth: int) -> tuple[str, Flags]:
        """A group; or a change of flags, which is nothing to repeat."""
        start = self._at
        self._at += 1
        inner = flags
        if self._text.startswith("?", self._at):
            if self._text[self._at + 1 : self._at + 2] == "P" or self._text[self._at + 1 : self._at + 2] == "<":
                self._named(start)
            else:
                inner = self._flags(start, flags)
                if self._text[self._at - 1] == ")":
                    return "", inner
        made = self._alternatives(inner, depth + 1)
        if self._at >= len(self._text):
            raise self._invalid("missing closing )", self._text)
        self._at += 1
        return f"(?:{made})", flags

    def _named(self, start: int) -> None:
        """``?P<name>`` or ``?<name>``; matching needs no names, only that they are ones, and different."""
        found = _GROUP_NAME.match(self._text, self._at)
        if found is None:
            end = self._text.find(">", start)
            if not _LOOKS_NAMED.match(self._text, self._at):
                raise self._invalid("invalid or unsupported Perl syntax", self._text[start : start + 4])
            raise self._invalid("invalid named capture", self._text[start:] if end < 0 else self._text[start : end + 1])
        if found[1] in self._names:
            raise self._invalid("duplicate capture group name", found[1])
        self._names.add(found[1])
        self._at = found.end()

    def _flags(self, start: int, flags: Flags) -> Flags:
        found = _FLAGS.match(self._text, self._at)
        if found is None or (found[2] == "") or (found[3] == ")" and not found[1] and found[2] is None):
            raise self._invalid("invalid or unsupported Perl syntax", self._bad_flags(start))
        self._at = found.end()
        on = dict.fromkeys(found[1], True) | dict.fromkeys(found[2] or "", False)
        return Flags(**{name: on.get(name, getattr(flags, name)) for name in "imsU"})

    def _bad_flags(self, start: int) -> str:
        """Go quotes up to the first character that is no flag."""
        at = self._at + 1
        while at < len(self._text) and self._text[at] in "imsU-":
            at += 1
        return self._text[start : at + 1]

    def _single(self, flags: Flags) -> str:
        character = self._text[self._at]
        self._at += 1
        if character == "[":
            self._at -= 1
            return self._cased(self._class(), flags)
        if character == "\\":
            return self._escape(flags)
        if character == ".":
            return r"[\s\S]" if flags.s else r"[^\n]"
        if character in "^$":
            return _ANCHORS[character, flags.m]
        return self._cased(re.escape(character), flags)

    def _escape(self, flags: Flags) -> str:
        start = self._at - 1
        following = self._text[self._at : self._at + 1]
        if not following:
            raise self._invalid("trailing backslash at end of expression", "")
        if following == "Q":
            return self._quotation(flags)
        self._at += 1
        if following in _ASSERTIONS:
            return _ASSERTIONS[following]
        members = self._members(start, following)
        if members is not None:
            return f"[{members}]"
        return self._cased(re.escape(self._character(start, following)), flags)

    def _quotation(self, flags: Flags) -> str:
        """``\\Q...\\E``, literal, one character to repeat after the other."""
        end = self._text.find("\\E", self._at + 1)
        inside = self._text[self._at + 1 : end if end >= 0 else len(self._text)]
        self._at = end + 2 if end >= 0 else len(self._text)
        pieces = [self._cased(re.escape(character), flags) for character in inside]
        return "".join(pieces[:-1]) + self._repeated(pieces[-1], flags) if pieces else ""

    def _members(self, start: int, letter: str) -> str | None:
        """The members of ``\\d`` or ``\\p{Lu}`` as in a class of Python, or None for another escape."""
        if letter in _PERL:
            return _PERL[letter]
        if letter not in "pP":
            return None
        found = _PROPERTY.match(self._text, self._at)
        if found is None:
            raise self._invalid("invalid character class range", self._text[start:])
        self._at = found.end()
        name = found[1] or found[3]
        members = unicodes.members(name, negated=(letter == "P") is not (found[2] == "^"))
        if members is None:
            raise self._invalid("invalid character class range", self._text[start : self._at])
        return members

    def _character(self, start: int, letter: str) -> str:
        """The character that an escape stands for; the letter has been read."""
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter.isascii() and not letter.isalnum() and letter != "_":
            return letter
        found = _CODES.match(self._text, start)
        code = _code(found) if found is not None else None
        if found is None or code is None:
            raise self._invalid("invalid escape sequence", self._bad_escape(start))
        self._at = found.end()
        return chr(code)

    def _bad_escape(self, start: int) -> str:
        if self._text[start + 1] == "x":
            found = re.compile(r"\\x(?:\{[0-9A-Fa-f]*[^}]?\}?|[0-9A-Fa-f]?[\s\S]?)").match(self._text, start)
            return found[0] if found else self._text[start : start + 2]
        return self._text[start : start + 2]

    def _class(self) -> str:
        """A class in brackets, its members as Python writes them; ranges are checked."""
        start = self._at
        self._at += 1
        negated = self._text.startswith("^", self._at)
        self._at += negated
        parts: list[str] = []
        while self._at < len(self._text) and (self._text[self._at] != "]" or not parts):
            parts.append(self._part(start))
        if self._at >= len(self._text):
            raise self._invalid("missing closing ]", self._text[start:])
        self._at += 1
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def _part(self, start: int) -> str:
        """One character, range or class within a class."""
        named = _POSIX.match(self._text, self._at)
        if named is not None:
            if named[2] not in _POSIX_MEMBERS:
                raise self._invalid("invalid character class range", named[0])
            self._at = named.end()
            members = _POSIX_MEMBERS[named[2]]
            return unicodes.outside_ascii(members) if named[1] else members
        begin = self._at
        if self._text[begin] == "\\" and self._text[begin + 1 : begin + 2] in ("d", "D", "w", "W", "s", "S", "p", "P"):
            self._at += 2
            return self._members(begin, self._text[begin + 1]) or ""
        low = high = self._end(start)
        if self._text[self._at : self._at + 1] == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
            self._at += 1
            high = self._end(start)
            if high < low:
                raise self._invalid("invalid character class range", self._text[begin : self._at])
        return f"{_member(low)}-{_member(high)}"

    def _end(self, start: int) -> str:
        """A character within a class."""
        if self._at >= len(self._text):
            raise self._invalid("missing closing ]", self._text[start:])
        character = self._text[self._at]
        self._at += 1
        if character != "\\":
            return character
        if self._at >= len(self._text):
            raise self._invalid("trailing backslash at end of expression", "")
        self._at += 1
        return self._character(self._at - 2, self._text[self._at - 1])

    def _repeated(self, made: str, flags: Flags) -> str:
        """What was made with the repetition behind it, of which there may be one."""
        start = self._at
        operator = self._operator()
        if not operator:
            return made
        end = self._at
        following = self._operator()
        if following:
            raise self._invalid("invalid nested repetition operator", self._text[start : self._at])
        self._at = end
        lazy = operator[-1] == "?" and len(operator) > 1
        count = operator.removesuffix("?") if lazy else operator
        return f"(?:{made}){count}{'?' if lazy is not flags.U else ''}"

    def _operator(self) -> str:
        """A repetition operator with the question mark behind it, taken; nothing where there is none."""
        start = self._at
        if self._text[start : start + 1] in ("*", "+", "?"):
            self._at += 1
        else:
            counted = self._counted()
            if counted is None:
                return ""
            self._at = counted.end()
            low, high = int(counted[1]), int(counted[3] or counted[1])
            if max(low, high) > MAX_REPEAT or high < low:
                raise self._invalid("invalid repeat count", counted[0])
        if self._text[self._at : self._at + 1] == "?":
            self._at += 1
        return self._text[start : self._at]

    def _counted(self) -> re.Match[str] | None:
        return _COUNTED.match(self._text, self._at)

    def _cased(self, made: str, flags: Flags) -> str:
        return f"(?i:{made})" if flags.i else made

    def _invalid(self, problem: str, piece: str) -> errors.FilterRegexInvalid:
        return errors.FilterRegexInvalid(problem=problem, piece=piece)


def _code(found: re.Match[str]) -> int | None:
    """The character's number; a surrogate or what lies beyond Unicode is none."""
    octal, short, long = found.groups()
    code = int(octal, 8) if octal else int(short or long, 16)
    return code if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else None


def _member(character: str) -> str:
    """A character within a class of Python."""
    return f"\\U{ord(character):08x}"


_GROUP_NAME = re.compile(r"\?P?<([A-Za-z_0-9]+)>")
_LOOKS_NAMED = re.compile(r"\?(?:P<|<[^=!])")
_FLAGS = re.compile(r"\?([imsU]*)(?:-([imsU]*))?([:)])")
_COUNTED = re.compile(r"\{(\d{1,9})(,(\d{1,9})?)?\}", re.ASCII)
_PROPERTY = re.compile(r"(?:([A-Z])|\{(\^?)([^}]*)\})")
_CODES = re.compile(r"\\(?:(0[0-7]{0,2}|[1-7][0-7]{1,2})|x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\}))")
_POSIX = re.compile(r"\[:(\^?)([^:\]]*):\]")
_ANCHORS = {("^", False): r"\A", ("$", False): r"\Z", ("^", True): "(?m:^)", ("$", True): "(?m:$)"}
_ASSERTIONS = {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}
_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_PERL = {
    "d": "0-9",
    "w": "0-9A-Za-z_",
    "s": r"\t\n\f\r ",
    "D": unicodes.outside_ascii("0-9"),
    "W": unicodes.outside_ascii("0-9A-Za-z_"),
    "S": unicodes.outside_ascii(r"\t\n\f\r "),
}
_POSIX_MEMBERS = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
