"""Values sealed by themselves, beside the encryption of all that is stored: whoever is shown what
a history holds, with the help of somebody who has the keys, is not shown these.
"""

import json
import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag

from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.storing.encryption import Key

_NONCE = 12
_NAME = 16


def seal(keys: Sequence[Key], values: Mapping[str, str], workflow: str) -> bytes:
    """The values, for that workflow alone; the first key writes."""
    key, nonce = keys[0], os.urandom(_NONCE)
    body = key.sealing.encrypt(nonce, json.dumps(dict(values)).encode(), workflow.encode())
    return key.name.encode() + nonce + body


def unseal(keys: Sequence[Key], sealed: bytes, workflow: str) -> dict[str, str]:
    """What was sealed for that workflow. Raises ClusterError."""
    name, rest = sealed[:_NAME].decode(errors="replace"), sealed[_NAME:]
    for key in keys:
        if key.name == name:
            try:
                body = key.sealing.decrypt(rest[:_NONCE], rest[_NONCE:], workflow.encode())
            except InvalidTag:
                break
            return json.loads(body)
    raise ClusterError(
        f"the secret parameters of {workflow} cannot be opened with the keys that are here",
        hint="Workers need all keys of `[engine.encryption]` that clients have.",
    )
