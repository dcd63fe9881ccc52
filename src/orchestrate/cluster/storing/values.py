"""How values become payloads: compressed by those who make large ones, then encrypted if the
project has keys, then, if large, stored outside of the history as `blobs.py` does.
"""

import base64
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    ExternalStorage,
    PayloadCodec,
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverSelectContext,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
)

from orchestrate.cluster import names
from orchestrate.cluster.errors import ClusterError
from orchestrate.cluster.storing.blobs import Blobs, Ref
from orchestrate.cluster.traces import Failures

LARGE = 128 * 1024
"""Bytes from which on a payload is stored outside of histories."""
ENCRYPTED = b"binary/orchestrate-aes-gcm"
"""The encoding of encrypted payloads."""
_DRIVER = "orchestrate-blobs"
_MOST_KEPT = 16 * 1024 * 1024
"""Bytes of payloads that are kept in memory: what one has just written is often read next."""


class BlobDriver(StorageDriver):
    """Payloads as content, held by the workflow that they belong to. `bind` it before use."""

    def __init__(self) -> None:
        self._blobs: Blobs | None = None
        self._kept: OrderedDict[Ref, bytes] = OrderedDict()
        self._size = 0

    def bind(self, client: Client) -> None:
        """Where content rests."""
        self._blobs = Blobs(client)

    def name(self) -> str:
        """See `StorageDriver.name`."""
        return _DRIVER

    def type(self) -> str:
        """See `StorageDriver.type`."""
        return _DRIVER

    async def store(
        self, context: StorageDriverStoreContext, payloads: Sequence[Payload]
    ) -> list[StorageDriverClaim]:
        """See `StorageDriver.store`."""
        holder = _holder(context.target)
        return [await self._store(payload, holder) for payload in payloads]

    async def _store(self, payload: Payload, holder: str) -> StorageDriverClaim:
        ref = await self._bound().put(payload.data, holder)
        self._keep(ref, payload.data)
        # Apart from the content, so that what grows by its end stays the same at its beginning.
        header = Payload(metadata=payload.metadata).SerializeToString()
        return StorageDriverClaim(
            {
                "digest": ref.digest,
                "size": str(ref.size),
                "header": base64.b64encode(header).decode(),
            }
        )

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        """See `StorageDriver.retrieve`."""
        del context
        return [await self._retrieve(claim) for claim in claims]

    async def _retrieve(self, claim: StorageDriverClaim) -> Payload:
        data = claim.claim_data
        ref = Ref(data["digest"], int(data["size"]))
        payload = Payload.FromString(base64.b64decode(data["header"]))
        kept = self._kept.get(ref)
        if kept is None:
            kept = await self._bound().get(ref)
            self._keep(ref, kept)
        payload.data = kept
        return payload

    def _keep(self, ref: Ref, data: bytes) -> None:
        if ref not in self._kept:
            self._kept[ref] = data
            self._size += ref.size
        self._kept.move_to_end(ref)
        while self._size > _MOST_KEPT:
            self._size -= self._kept.popitem(last=False)[0].size

    def _bound(self) -> Blobs:
        assert self._blobs is not None
        return self._blobs


class Locked(PayloadCodec):
    """Without a key: writes plainly, and says so if something encrypted is to be read."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """As it is."""
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """As it is. Raises ClusterError if it is encrypted."""
        if any(payload.metadata.get("encoding") == ENCRYPTED for payload in payloads):
            raise ClusterError(
                "what is stored in Temporal is encrypted, and this project has no key",
                hint="`[engine.encryption]` says where the keys are: see "
                "docs/operating-a-cluster.md.",
            )
        return list(payloads)


class Converter(NamedTuple):
    """How values travel, and what has to learn which client they travel with."""

    converter: DataConverter
    driver: BlobDriver


def converter_of(encryption: PayloadCodec | None) -> Converter:
    """With the codec of a project that has keys, else without."""
    driver = BlobDriver()
    failures: type[DefaultFailureConverter] = Failures
    if encryption is not None:
        failures = DefaultFailureConverterWithEncodedAttributes
    converter = DataConverter(
        payload_codec=encryption or Locked(),
        failure_converter_class=failures,
        external_storage=ExternalStorage(
            drivers=[driver],
            driver_selector=lambda context, _: driver if _is_kept(context) else None,
            payload_size_threshold=LARGE,
        ),
    )
    return Converter(converter, driver)


def _is_kept(context: StorageDriverSelectContext) -> bool:
    """Output that somebody looks at is as large as fits, and of no use afterwards."""
    match context.target:
        case StorageDriverWorkflowInfo(id=str(), type=kind):
            return kind != names.OUTPUT
        case _:
            return False


def _holder(target: object) -> str:
    assert isinstance(target, StorageDriverWorkflowInfo)
    assert target.id is not None
    return target.id
