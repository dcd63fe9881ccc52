"""In which forms a secret value may come out of programs.

As written: the value itself, percent-encoded, quoted for a shell, escaped for JSON, HTML or as a C
string, and each of its lines. Wrapped: base64 and hex, which tools break into lines.
"""

from binascii import b2a_base64, hexlify
from typing import NamedTuple

_SHORTEST_FORM = 4
"""Encoded forms and single lines shorter than this would mask ordinary text."""
_SAFE_IN_URL = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")
_LINE_BREAKS = b"\r\n"
_BLANKS = b" \t\r\n\v\f"


class Forms(NamedTuple):
    """`cores`: what every one of some forms as written holds, with these forms. Whoever does not
    find the core need not look for the forms. The others may be broken into lines.
    """

    cores: dict[bytes, frozenset[bytes]]
    base64: frozenset[bytes]
    hexadecimal: frozenset[bytes]
    separated: frozenset[bytes]
    """Hex with something between the bytes."""


def forms(secret: str) -> Forms:
    """What to look for."""
    raw = secret.encode("utf-8", "surrogateescape")
    cores: dict[bytes, frozenset[bytes]] = {}
    base64: set[bytes] = set()
    hexadecimal: set[bytes] = set()
    separated: set[bytes] = set()
    if not raw.strip(_LINE_BREAKS):
        none = frozenset[bytes]()
        return Forms(cores if not raw else {raw: frozenset((raw,))}, none, none, none)
    written: set[bytes] = {raw, raw.strip(_LINE_BREAKS)}
    for value in {raw, raw.strip(_LINE_BREAKS), raw.strip(_BLANKS), raw.replace(b"\n", b"\r\n")}:
        written |= {form for form in _written_forms(value) if len(form) >= _SHORTEST_FORM}
        base64 |= {form for form in _base64_forms(value) if len(form) >= _SHORTEST_FORM}
        hexadecimal |= {hexlify(value), hexlify(value).upper()}
        for separator in (":", " "):
            separated |= {hexlify(value, separator), hexlify(value, separator).upper()}
    _add(cores, raw, written)
    for line in {line.strip() for line in raw.splitlines()}:
        if len(line) >= _SHORTEST_FORM and line not in written:
            _add(cores, line, {line})
    return Forms(cores, frozenset(base64), frozenset(hexadecimal), frozenset(separated))


def _add(cores: dict[bytes, frozenset[bytes]], value: bytes, found: set[bytes]) -> None:
    """Under the longest part of the value that no encoding changes."""
    core = max(_unchanged(value), key=len)
    for form in found:
        key = core if core and core in form else form
        cores[key] = cores.get(key, frozenset()) | {form}


def _unchanged(value: bytes) -> list[bytes]:
    return bytes(c if c in _SAFE_IN_URL else 32 for c in value).split(b" ")


def _written_forms(value: bytes) -> set[bytes]:
    return _percent_forms(value) | _shell_forms(value) | _text_forms(value)


def _base64_forms(value: bytes) -> set[bytes]:
    """Its base64 after 0, 1 and 2 other bytes, without what those and its followers determine."""
    found = {b2a_base64(value, newline=False)}
    for before in range(3):
        text = b2a_base64(bytes(before) + value, newline=False)
        found.add(text[-(-8 * before // 6) : 8 * (before + len(value)) // 6])
    return found | {form.replace(b"+", b"-").replace(b"/", b"_") for form in found}


def _percent_forms(value: bytes) -> set[bytes]:
    found: set[bytes] = set()
    for digits in ("%%%02X", "%%%02x"):
        for safe in (_SAFE_IN_URL, _SAFE_IN_URL | {ord("/")}):
            text = "".join(chr(c) if c in safe else digits % c for c in value).encode()
            found |= {text, text.replace(b"%20", b"+")}
    return found


def _shell_forms(value: bytes) -> set[bytes]:
    backslashed = b"".join(
        bytes((c,)) if c in _SAFE_IN_URL or c in b"/:@%+=," or c > 127 else b"\\" + bytes((c,))
        for c in value
    )
    in_double_quotes = value
    for special in (b"\\", b'"', b"$", b"`"):
        in_double_quotes = in_double_quotes.replace(special, b"\\" + special)
    return {
        value.replace(b"'", b"'\"'\"'"),
        value.replace(b"'", b"'\\''"),
        backslashed,
        in_double_quotes,
        *_c_forms(value),
    }


def _c_forms(value: bytes) -> set[bytes]:
    """As in `$'…'` of shells and in the string literals of many languages."""
    escaped = value.replace(b"\\", b"\\\\")
    for character, letter in ((b"\n", b"n"), (b"\r", b"r"), (b"\t", b"t")):
        escaped = escaped.replace(character, b"\\" + letter)
    found = {escaped, escaped.replace(b"'", b"\\'"), escaped.replace(b'"', b'\\"')}
    for digits in ("\\%03o", "\\x%02x"):
        found |= {
            "".join(chr(c) if c < 128 else digits % c for c in form).encode() for form in found
        }
    return found


def _text_forms(value: bytes) -> set[bytes]:
    """As JSON and HTML have it."""
    text = value.decode("utf-8", "surrogateescape")
    found = _json_forms(text)
    html = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    found |= {html, html.replace('"', "&quot;").replace("'", "&#x27;")}
    found.add(html.replace('"', "&#34;").replace("'", "&#39;"))
    return {form.encode("utf-8", "surrogateescape") for form in found}


def _json_forms(text: str) -> set[str]:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    short |= {"\b": "\\b", "\f": "\\f"}
    kept: list[str] = []
    ascii_only: list[str] = []
    upper: list[str] = []
    for char in text:
        plain = short.get(char) or (char if char >= " " else f"\\u{ord(char):04x}")
        kept.append(plain)
        units = char.encode("utf-16-be", "surrogatepass")
        pairs = range(0, len(units), 2)
        small = char < "\x7f"
        ascii_only.append(
            plain if small else "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in pairs)
        )
        upper.append(
            plain if small else "".join(f"\\u{units[i]:02X}{units[i + 1]:02X}" for i in pairs)
        )
    texts = {"".join(kept), "".join(ascii_only), "".join(upper)}
    texts |= {text.replace("/", "\\/") for text in texts}
    for char in "<>&":
        texts |= {text.replace(char, f"\\u{ord(char):04x}") for text in texts}
    return texts
