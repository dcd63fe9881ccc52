"""Step paths: the key of everything that is recorded.

A path names one step of one workflow. Its grammar:

    path      = segment *( "/" segment )
    segment   = key [ "[" iteration "]" ] [ "[retry " number "]" ]
    key       = step name | position | branch key | "then" | "else" | handler | "playbook"
    handler   = "on_failure" | "on_success" | "finally" | "compensate"

- `deploy`, `2`: a step of the playbook; an unnamed one has its position.
- `spread/left/build`: in branch `left` of the parallel step `spread`.
- `check/then/1`, `check/else/1`: in a branch of the conditional step `check`.
- `regions[eu-west-1]/1`: in an iteration; the key is the item if all are unique short scalars,
  else the index, from 0.
- `sub/migrate`: in the playbook that the step `sub` includes.
- `deploy/on_failure/1`, `deploy/finally/1`: handlers of a step; `on_failure/1`: of the workflow;
  `sub/playbook/finally/1`: of the included playbook itself.
- `move/create/compensate/1`: what undoes the step `create` of the transaction `move`;
  `move/create/compensate/1[retry 2]`: again, because somebody wanted so.
- `spread[retry 2]/left/build`: the second try of a step that contains steps.

The handlers' words and the built-in name `playbook` cannot be names of steps or branches, so no two
steps share a path.
"""

from collections.abc import Iterator, Mapping, Sequence

from orchestrate.playbook.plan import Json

ON_FAILURE = "on_failure"
ON_SUCCESS = "on_success"
FINALLY = "finally"
HANDLERS = (ON_FAILURE, ON_SUCCESS, FINALLY)
"""What runs after a body, in this order."""
COMPENSATE = "compensate"
ASIDE = (*HANDLERS, COMPENSATE)
"""Under these a step has steps that are not its body."""
THEN = "then"
ELSE = "else"
PLAYBOOK = "playbook"

_LONGEST_KEY = 64
_KEY_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:@+=,~"
)


def join(prefix: str, key: str) -> str:
    """The path of `key` below `prefix` ("" is the workflow)."""
    return f"{prefix}/{key}" if prefix else key


def moved(path: str, moves: Mapping[str, str]) -> str:
    """Where `path` is after `moves` (old path -> new path) of it or of something around it."""
    for above in ancestors(path):
        if above in moves:
            return moves[above] + path[len(above) :]
    return path


def iteration(path: str, key: str) -> str:
    """The path prefix of one iteration of the foreach at `path`."""
    return f"{path}[{key}]"


def retried(path: str, number: int) -> str:
    """The path prefix of try `number` of a step that contains steps."""
    return path if number == 1 else f"{path}[retry {number}]"


def parent(path: str) -> str:
    """What contains `path`: its step, branch or iteration; "" for the workflow."""
    if path.endswith("]"):
        return path[: path.rindex("[")]
    slash = path.rfind("/")
    return path[:slash] if slash >= 0 else ""


def ancestors(path: str) -> Iterator[str]:
    """`path` itself, then what contains it, outwards, without the workflow."""
    while path:
        yield path
        # As `parent` does, which a loop of ten thousand iterations would call a million times.
        if path[-1] == "]":
            path = path[: path.rindex("[")]
        else:
            slash = path.rfind("/")
            path = path[:slash] if slash >= 0 else ""


def within(path: str, ancestor: str) -> bool:
    """Whether `path` is `ancestor` or below it."""
    if not path.startswith(ancestor):
        return False
    return len(path) == len(ancestor) or path[len(ancestor)] in "/["


def static(path: str) -> str:
    """The path in the plan: iterations and tries left out."""
    start = path.find("[")
    while start >= 0:
        path = path[:start] + path[path.index("]", start) + 1 :]
        start = path.find("[", start)
    return path


def last(path: str) -> str:
    """The last key of a path, without iteration or try."""
    return path.rpartition("/")[2].partition("[")[0]


def iteration_keys(items: Sequence[Json]) -> Sequence[str]:
    """The keys of a foreach's iterations: the items if they fit, else their indexes."""
    keys = [_key(item) for item in items]
    if all(keys) and len(set(keys)) == len(keys):
        return keys
    return [str(index) for index in range(len(items))]


def _key(item: Json) -> str:
    match item:
        case bool():
            return "true" if item else "false"
        case int() | float():
            text = repr(item)
        case str():
            text = item
        case _:
            return ""
    fits = len(text) <= _LONGEST_KEY and _KEY_CHARACTERS.issuperset(text)
    return text if fits else ""
