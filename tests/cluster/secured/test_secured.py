"""TLS, certificates of clients and API keys, before a real server; and what is said when they do
not fit.
"""

import asyncio
import datetime
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cluster.conftest import Server

sys.path.insert(0, str(Path(__file__).parent))

from guards import Guard, Identity, KeyRefused, TlsEnd, authority, compressed, issued

from orchestrate.cluster.connection import Address, ClusterError, connect
from orchestrate.errors import UsageError
from orchestrate.project.cluster import ClusterEngine


class People:
    """Who signs, and who is signed for."""

    def __init__(self, folder: Path) -> None:
        past = -datetime.timedelta(hours=1)
        self.ca = authority(folder, "ca")
        self.other_ca = authority(folder, "other-ca")
        self.server = issued(folder, "server", self.ca)
        self.late_server = issued(folder, "late-server", self.ca, ends_in=past)
        self.client = issued(folder, "client", self.ca)
        self.late_client = issued(folder, "late-client", self.ca, ends_in=past)
        self.stranger = issued(folder, "stranger", self.other_ca)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    return People(tmp_path_factory.mktemp("certificates"))


Guards = Callable[..., Guard]


@pytest.fixture
def guard(server: Server) -> Iterator[Guards]:
    made: list[Guard] = []

    def make(identity: Identity | None = None, clients: Path | None = None, **more) -> Guard:
        if identity is None:
            made.append(KeyRefused())
        else:
            seen = more.get("seen", lambda data: None)
            made.append(TlsEnd(server.target, identity, clients, seen))
        return made[-1]

    yield make
    for one in made:
        one.close()


def reach(address: Address) -> str:
    return asyncio.run(_name(address))


async def _name(address: Address) -> str:
    client = await connect(address)
    info = await client.service_client.check_health()
    return client.namespace if info else ""


def refused(address: Address) -> ClusterError:
    with pytest.raises(ClusterError) as error:
        reach(address)
    assert address.target in error.value.message
    return error.value


def test_a_key_goes_over_tls_with_every_request(guard: Guards, people: People, server: Server):
    seen: list[bytes] = []
    end = guard(people.server, seen=seen.append)
    address = Address(
        end.target, "default", tls=True, ca_file=people.ca.cert_file, api_key="toasties"
    )
    assert reach(address) == "default"
    assert compressed("Bearer toasties") in b"".join(seen)


def test_both_sides_show_certificates(guard: Guards, people: People):
    end = guard(people.server, people.ca.cert_file)
    ca, client = people.ca.cert_file, people.client
    address = Address(end.target, "default", True, ca, client.cert_file, client.key_file)
    assert reach(address) == "default"
    with_none = refused(address._replace(cert_file=None, key_file=None))
    assert "it may want the certificate of a client" in with_none.message
    for who in (people.stranger, people.late_client):
        error = refused(address._replace(cert_file=who.cert_file, key_file=who.key_file))
        assert f"does not accept the certificate {who.cert_file}" in error.message
        assert "openssl x509 -enddate" in error.hint


def test_a_server_that_somebody_else_signed_is_refused(guard: Guards, people: People):
    end = guard(people.server)
    error = refused(Address(end.target, tls=True, ca_file=people.other_ca.cert_file))
    assert f"its certificate is not signed by {people.other_ca.cert_file}" in error.message
    assert "anybody whom this system trusts" in refused(Address(end.target, tls=True)).message


def test_an_expired_certificate_of_the_server_is_told(guard: Guards, people: People):
    end = guard(people.late_server)
    error = refused(Address(end.target, tls=True, ca_file=people.ca.cert_file))
    assert "its certificate has expired" in error.message


def test_keys_that_do_not_fit_are_told(guard: Guards, people: People, tmp_path: Path):
    end = guard(people.server)
    ca, client = people.ca.cert_file, people.client
    address = Address(end.target, "default", True, ca, client.cert_file, client.key_file)
    other = refused(address._replace(key_file=people.stranger.key_file))
    assert "does not belong to the certificate" in other.message
    assert "holds no private key" in refused(address._replace(key_file=ca)).message
    with pytest.raises(ClusterError, match=r"gone\.key cannot be read: No such file"):
        reach(address._replace(key_file=tmp_path / "gone.key"))


def test_tls_on_one_side_only_is_told(guard: Guards, people: People, server: Server):
    assert "it may want TLS" in refused(Address(guard(people.server).target)).message
    plain = refused(Address(server.target, tls=True, ca_file=people.ca.cert_file))
    assert "it does not speak TLS" in plain.message


def test_where_no_server_is_is_told(server: Server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = refused(Address(f"127.0.0.1:{probe.getsockname()[1]}"))
    assert "nothing listens there" in nobody.message
    assert "temporal operator cluster health" in nobody.hint
    unknown = refused(Address("no-such-host.invalid:7233"))
    assert "the name no-such-host.invalid is not known here" in unknown.message
    keyed = refused(Address(server.target, tls=True, api_key="words"))
    assert "An API key goes over TLS only" in keyed.hint


def test_a_namespace_that_is_not_there_is_told(server: Server):
    error = refused(Address(server.target, "nowhere"))
    assert error.message == f"the server at {server.target} has no namespace nowhere"
    assert "temporal operator namespace create --namespace nowhere" in error.hint


def test_a_refused_key_is_told(guard: Guards):
    end = guard()
    error = refused(Address(end.target, api_key="wrong"))
    assert "it refuses the API key" in error.message
    assert "api_key_variable" in error.hint
    assert "it wants to know who asks" in refused(Address(end.target)).message


def test_settings_become_an_address(tmp_path: Path):
    from orchestrate.cluster.opening import address_of
    from orchestrate.project.model import Project
    from orchestrate.project.settings import DEFAULTS

    configured = ClusterEngine(
        "cloud:7233", "ops", api_key_variable="KEY", tls=True, ca_file="tls/ca.crt"
    )
    project = Project(tmp_path, tmp_path / ".orchestrate", DEFAULTS._replace(cluster=configured))
    address = address_of(project, configured, {"KEY": "words"})
    assert (address.tls, address.api_key) == (True, "words")
    for wrong in ("cloud", "https://cloud:7233", ":7233", "cloud:port"):
        with pytest.raises(UsageError, match="is no address of a cluster"):
            address_of(project, configured._replace(address=wrong), {"KEY": "words"})
    assert address.ca_file == tmp_path / "tls" / "ca.crt"
