"""Takes secret values out of a stream of bytes, however they are encoded or cut into chunks.

Each secret is looked for as it is, line by line, and as base64 (standard and URL alphabet, at any
alignment), hex, percent-encoded, shell-quoted and JSON-escaped text. Base64 and hex are also found
across line breaks, since tools wrap them. Plain `bytes.find` per form is several times faster than
one regular expression of all of them.

The result does not depend on how the stream is cut: bytes that could begin a secret are held back
until the next chunk shows whether they do.
"""

from binascii import b2a_base64, hexlify

MASK = b"***"
_SHORTEST_FORM = 4
"""Encoded forms and single lines shorter than this would mask ordinary text."""
_SAFE_IN_URL = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~")
_LINE_BREAKS = b"\r\n"


def forms(secret: str) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """What to look for: as written, and what tools may wrap (base64 and hex)."""
    raw = secret.encode("utf-8", "surrogateescape")
    if not raw:
        return frozenset(), frozenset()
    written: set[bytes] = set()
    wrapped: set[bytes] = set()
    for value in {raw, raw.strip(_LINE_BREAKS), raw.replace(b"\n", b"\r\n")}:
        encoded = _percent_forms(value) | _shell_forms(value) | _json_forms(value)
        written |= {form for form in encoded if len(form) >= _SHORTEST_FORM}
        wrapped |= {
            form
            for form in _base64_forms(value) | {hexlify(value), hexlify(value).upper()}
            if len(form) >= _SHORTEST_FORM
        }
    written |= {line for line in map(bytes.strip, raw.splitlines()) if len(line) >= _SHORTEST_FORM}
    written |= {raw, raw.strip(_LINE_BREAKS)}
    return frozenset(written - {b""}), frozenset(wrapped)


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
    }


def _json_forms(value: bytes) -> set[bytes]:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    short |= {"\b": "\\b", "\f": "\\f"}
    kept: list[str] = []
    ascii_only: list[str] = []
    for char in value.decode("utf-8", "surrogateescape"):
        plain = short.get(char) or (char if char >= " " else f"\\u{ord(char):04x}")
        kept.append(plain)
        units = char.encode("utf-16-be", "surrogatepass")
        ascii_only.append(
            plain
            if char < "\x7f"
            else "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
        )
    texts = ["".join(kept), "".join(ascii_only)]
    texts += [text.replace("/", "\\/") for text in texts]
    return {text.encode("utf-8", "surrogateescape") for text in texts}


class Masker:
    """Masks one stream."""

    def __init__(self, secrets: "tuple[str, ...] | list[str]") -> None:
        written: set[bytes] = set()
        wrapped: set[bytes] = set()
        for secret in secrets:
            as_written, as_wrapped = forms(secret)
            written |= as_written
            wrapped |= as_wrapped
        self._wrapped = sorted(wrapped)
        self._written = sorted(written - wrapped)
        self._longest_held = 3 * max(map(len, written | wrapped), default=0) + 64
        self._held = b""
        self._masked = 0
        """How many of the held bytes were already replaced by a mask that was given out."""

    def feed(self, data: bytes) -> bytes:
        """The masked form of what can be decided so far."""
        if not self._written and not self._wrapped:
            return data
        data = self._held + data
        spans = self._spans(data)
        cut = max(self._first_undecided(data), len(data) - self._longest_held)
        return self._emit(data, spans, cut)

    def flush(self) -> bytes:
        """The rest, at the end of the stream."""
        data = self._held
        return self._emit(data, self._spans(data), len(data)) if data else b""

    def mask(self, text: str) -> str:
        """A whole text at once. Independent of the stream."""
        if not self._written and not self._wrapped:
            return text
        data = text.encode("utf-8", "surrogatepass")
        masked = _replace(data, _merge(self._matches(data)), 0)
        return masked.decode("utf-8", "replace")

    def _spans(self, data: bytes) -> list[tuple[int, int]]:
        matches = self._matches(data)
        if self._masked:
            matches.append((0, self._masked))
        return _merge(matches) if matches else matches

    def _emit(self, data: bytes, spans: list[tuple[int, int]], cut: int) -> bytes:
        given = [(start, min(end, cut)) for start, end in spans if start < cut]
        # A mask that was already given out for the first bytes is not given out again.
        continued = self._masked > 0
        masked = _replace(data[:cut], given, 1 if continued and cut else 0)
        beyond = [end for start, end in spans if start < cut < end]
        if cut:
            self._masked = beyond[0] - cut if beyond else 0
        self._held = data[cut:]
        return masked

    def _matches(self, data: bytes) -> list[tuple[int, int]]:
        matches: list[tuple[int, int]] = []
        for form in self._written:
            start = data.find(form)
            while start >= 0:
                matches.append((start, start + len(form)))
                start = data.find(form, start + 1)
        if self._wrapped:
            flat = _Flat(data)
            for form in self._wrapped:
                start = flat.text.find(form)
                while start >= 0:
                    end = flat.place(start + len(form) - 1) + 1
                    matches.append((flat.place(start), end))
                    start = flat.text.find(form, start + 1)
        return matches

    def _first_undecided(self, data: bytes) -> int:
        """Where the last bytes begin that, with others after them, could be a secret."""
        first = len(data)
        for form in self._written:
            first = min(first, _prefix_at_end(data, form))
        if self._wrapped:
            flat = _Flat(data)
            first_flat = len(flat.text)
            for form in self._wrapped:
                first_flat = min(first_flat, _prefix_at_end(flat.text, form))
            if first_flat < len(flat.text):
                first = min(first, flat.place(first_flat))
        return first


class _Flat:
    """Bytes without their line breaks, and where each of the rest was."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.text = data.translate(None, _LINE_BREAKS)
        self._places: list[tuple[int, int]] | None = None

    def place(self, index: int) -> int:
        if len(self.text) == len(self._data):
            return index
        if self._places is None:
            self._places = self._find_places()
        low, high = 0, len(self._places)
        while low < high:
            middle = (low + high) // 2
            if self._places[middle][0] <= index:
                low = middle + 1
            else:
                high = middle
        flat, original = self._places[low - 1]
        return original + index - flat

    def _find_places(self) -> list[tuple[int, int]]:
        """Per stretch without line breaks: its start in `text` and in the original."""
        places: list[tuple[int, int]] = []
        flat = original = 0
        for line in self._data.replace(b"\r", b"\n").split(b"\n"):
            if line:
                places.append((flat, original))
            flat += len(line)
            original += len(line) + 1
        return places


def _prefix_at_end(data: bytes, form: bytes) -> int:
    """The smallest index from which the rest of `data` is a proper beginning of `form`."""
    start = data.find(form[:1], max(0, len(data) - len(form) + 1))
    while start >= 0:
        if form.startswith(data[start:]):
            return start
        start = data.find(form[:1], start + 1)
    return len(data)


def _merge(matches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    matches.sort()
    merged: list[tuple[int, int]] = []
    for start, end in matches:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _replace(data: bytes, spans: list[tuple[int, int]], already_masked: int) -> bytes:
    if not spans:
        return data
    parts: list[bytes] = []
    place = 0
    for number, (start, end) in enumerate(spans):
        parts.append(data[place:start])
        if number >= already_masked:
            parts.append(MASK)
        place = end
    parts.append(data[place:])
    return b"".join(parts)
