"""Plans to JSON and back, for the cache and the store.

Loaded by every start, so it imports neither YAML nor pydantic, and reads fast: values stand by
position, a step's keys with their usual value are left out, and files of places are numbered.

    template    null, true, 1, "text" as they are; [template, …]; {"m": {name: template}};
                {"e": expression}; {"s": secret name}; {"t": [part, …]}
    place       [file number, line, column]
    expression  [source, code, [name, …], place]
"""

import json

from orchestrate.playbook.compiling.collection import without_collection
from orchestrate.playbook.decoding import Decoder
from orchestrate.playbook.encoding import Encoder
from orchestrate.playbook.plan import Plan

FORMAT = 1
"""Changes when plans of an older form can no longer be read."""


def dump_plan(plan: Plan) -> str:
    """The plan as JSON text."""
    encoder = Encoder()
    body = encoder.plan(plan)
    whole = {"format": FORMAT, "files": list(encoder.files), "plan": body}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False)


def load_plan(text: str) -> Plan:
    """The plan of `dump_plan`'s text. Raises ValueError for anything else."""
    try:
        with without_collection():
            whole = json.loads(text)
            if whole["format"] != FORMAT:
                raise ValueError(f"a plan of format {whole['format']}, not {FORMAT}")
            return Decoder(whole["files"]).plan(whole["plan"])
    except (KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a plan: {error!r}") from error
