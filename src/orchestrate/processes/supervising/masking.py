"""Takes secret values out of a stream of bytes, however they are encoded or cut into chunks.

Each secret is looked for as it is, line by line, and as base64 (standard and URL alphabet, at any
alignment), hex, percent-encoded, shell-quoted and escaped text (`encodings.py`). Base64 and hex are
also found across line breaks, since tools wrap them. Plain `bytes.find` per form is several times
faster than one regular expression of all of them.

The result does not depend on how the stream is cut: bytes that could begin a secret are held back
until the next chunk shows whether they do.
"""

from orchestrate.processes.supervising.encodings import forms

MASK = b"***"
_LINE_BREAKS = b"\r\n"
_HEX = b"0123456789abcdefABCDEF"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALPHABETS = (_LETTERS + b"0123456789+/-_=", _HEX, _HEX + b": ")
"""What base64, hex, and hex with separators are made of. Most text has no long run of these, which
is found out faster than that no form is there."""
_WORTH_A_LOOK = 12
"""So many searches take longer than to look for such a run."""
_STEM = 4
"""Bytes by which the forms that may begin at a place are found."""


class Masker:
    """Masks one stream."""

    def __init__(self, secrets: "tuple[str, ...] | list[str]") -> None:
        cores: dict[bytes, set[bytes]] = {}
        wrapped: tuple[set[bytes], ...] = (set(), set(), set())
        for secret in secrets:
            found = forms(secret)
            for group, more in zip(wrapped, found[1:], strict=True):
                group.update(more)
            for core, written in found.cores.items():
                cores.setdefault(core, set()).update(written)
        self._cores = [(core, sorted(written)) for core, written in sorted(cores.items())]
        self._wrapped = [
            _Wrapped(alphabet, group)
            for alphabet, group in zip(_ALPHABETS, wrapped, strict=True)
            if group
        ]
        written = {form for each in cores.values() for form in each}
        self._written_starts = _starts(written)
        self._wrapped_starts = _starts({form for group in wrapped for form in group})
        self._longest_held = 3 * max(map(len, written.union(*wrapped)), default=0) + 64
        self._held = b""
        self._masked = 0
        """How many of the held bytes were already replaced by a mask that was given out."""

    def feed(self, data: bytes) -> bytes:
        """The masked form of what can be decided so far."""
        if not self._cores:
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
        if not self._cores:
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
        for core, written in self._cores:
            if core in data:
                for form in written:
                    start = data.find(form)
                    while start >= 0:
                        matches.append((start, start + len(form)))
                        start = data.find(form, start + 1)
        flat = _Flat(data)
        for group in self._wrapped:
            for form in group.possible(flat.text):
                start = flat.text.find(form)
                while start >= 0:
                    end = flat.place(start + len(form) - 1) + 1
                    matches.append((flat.place(start), end))
                    start = flat.text.find(form, start + 1)
        return matches

    def _first_undecided(self, data: bytes) -> int:
        """Where the last bytes begin that, with others after them, could be a secret."""
        first = self._written_starts.undecided(data)
        if self._wrapped:
            # What matters stands at the end, however many line breaks are in between.
            tail = max(0, len(data) - self._longest_held)
            flat = _Flat(data[tail:])
            first_flat = self._wrapped_starts.undecided(flat.text)
            if first_flat < len(flat.text):
                first = min(first, tail + flat.place(first_flat))
        return first


class _Starts:
    """How forms begin."""

    def __init__(self, stems: dict[bytes, list[bytes]], longest: int) -> None:
        self._stems = stems
        self._longest = longest

    def undecided(self, data: bytes) -> int:
        """The smallest index from which the rest of `data` is a proper beginning of a form."""
        for at in range(max(0, len(data) - self._longest + 1), len(data)):
            possible = self._stems.get(data[at : at + _STEM])
            if possible is not None:
                rest = data[at:]
                if any(len(form) > len(rest) and form.startswith(rest) for form in possible):
                    return at
        return len(data)


def _starts(found: set[bytes]) -> _Starts:
    stems: dict[bytes, list[bytes]] = {}
    for form in sorted(found):
        for length in range(1, min(_STEM, len(form)) + 1):
            stems.setdefault(form[:length], []).append(form)
    return _Starts(stems, max(map(len, found), default=0))


class _Wrapped:
    """Forms of one encoding."""

    def __init__(self, alphabet: bytes, found: set[bytes]) -> None:
        self._forms = sorted(found)
        self._classes = bytes(c in alphabet for c in range(256))
        self._run = b"\1" * min(map(len, found))

    def possible(self, text: bytes) -> list[bytes]:
        """The forms that may be in a text without line breaks."""
        if len(self._forms) < _WORTH_A_LOOK or self._run in text.translate(self._classes):
            return self._forms
        return []


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
