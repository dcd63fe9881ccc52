"""Traces are sent while workflows run, to receivers that decode them with the official classes."""

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from this_year import YEAR

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
RELEASE = """\
name: release
steps:
  - name: flaky
    shell: 'test -e flag || { touch flag; exit 3; }'
    retry: {attempts: 2, delay: 0.1}
  - {name: last, shell: "true"}
"""


class Received:
    """What a receiver was sent."""

    def __init__(self) -> None:
        self.address = ""
        self.requests: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []

    @property
    def spans(self) -> dict[str, Any]:
        return {
            span.name: span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


@pytest.fixture
def http() -> Iterator[Received]:
    received = Received()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            received.headers.append({key.lower(): value for key, value in self.headers.items()})
            received.requests.append(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        received.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield received
        server.shutdown()


@pytest.fixture
def grpc_receiver() -> Iterator[Received]:
    received = Received()

    class Receiver(TraceServiceServicer):
        def Export(self, request: Any, context: Any) -> ExportTraceServiceResponse:  # noqa: N802
            received.requests.append(request)
            return ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(Receiver(), server)
    received.address = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield received
    server.stop(None).wait(120)


def exported(project) -> dict[str, str]:
    """Name and id of each span that the journal tells of."""
    spans = project.ok("trace", f"WF-{YEAR}-001", "--json").json
    return {span["name"]: span["span_id"] for span in spans}


def test_spans_are_sent_over_http_as_they_end(project, http) -> None:
    project.playbook("release", RELEASE)
    settings = f'[telemetry]\nendpoint = "{http.address}"\nheaders = {{x-key = "k1"}}\n'
    project.write("orchestrate.toml", settings + 'service_name = "ops"\n')
    assert project("run", "--playbook", "release", env={"TRACEPARENT": f"{CALLER}-01"}).code == 0
    project.write("orchestrate.toml", "")
    sent = {name: span.span_id.hex() for name, span in http.spans.items()}
    assert sent == exported(project)
    root = http.spans["release"]
    assert root.trace_id.hex() == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert root.parent_span_id.hex() == "00f067aa0ba902b7"
    assert http.spans["flaky attempt 1"].status.code == 2
    assert {h["x-key"] for h in http.headers} == {"k1"}
    resource = http.requests[0].resource_spans[0].resource
    assert {a.key: a.value.string_value for a in resource.attributes}["service.name"] == "ops"


def test_a_caller_that_does_not_sample_is_heard(project, http) -> None:
    project.playbook("release", RELEASE)
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": http.address, "TRACEPARENT": f"{CALLER}-00"}
    assert project("run", "--playbook", "release", env=env).code == 0
    assert http.requests == []


def test_spans_are_sent_over_grpc(project, grpc_receiver) -> None:
    project.playbook("release", RELEASE)
    env = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": grpc_receiver.address,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    assert project("run", "--playbook", "release", env=env).code == 0
    assert {"release", "flaky", "flaky attempt 2", "wait for retry"} <= grpc_receiver.spans.keys()


def test_a_resume_sends_what_comes_later(project, http) -> None:
    project.playbook("release", "name: release\nsteps:\n  - {name: a, shell: test -e go}\n")
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": http.address}
    assert project("run", "--playbook", "release", env=env).code == 1
    before = http.spans["release"]
    project.touch("go")
    assert project("resume", "--workflow", f"WF-{YEAR}-001", env=env).code == 0
    after = http.spans["release"]
    assert (before.span_id, before.status.code, after.status.code) == (after.span_id, 2, 0)
    assert "wait for resume after end" in http.spans


def test_a_receiver_that_is_gone_costs_no_more_than_the_time_for_it(project) -> None:
    project.playbook("release", RELEASE)
    project.write("orchestrate.toml", '[telemetry]\nendpoint = "http://127.0.0.1:9"\nflush = 0.3\n')
    began = time.monotonic()
    done = project("run", "--playbook", "release")
    assert done.code == 0
    assert "telemetry: the receiver did not take everything within 0.3 s" in done.err
    assert "Traceback" not in done.err
    assert time.monotonic() - began < 60


def test_settings_that_make_no_sense_are_refused(project) -> None:
    project.playbook("release", RELEASE)
    project.write(
        "orchestrate.toml",
        '[telemetry]\nendpoint = "localhost"\nprotocol = "udp"\nsample = 2\nendpiont = "x"\n',
    )
    done = project("run", "--playbook", "release")
    assert done.code == 2
    for words in ("is no address", "http/protobuf, grpc", "from 0 to 1", "endpiont"):
        assert words in done.err


def test_a_run_without_a_receiver_loads_nothing_of_it(project) -> None:
    project.playbook("release", RELEASE)
    code = (
        "import os, sys\n"
        "from orchestrate.cli import console\n"
        "def leave(code):\n"
        "    found = [m for m in sys.modules if m.startswith(('orchestrate.observe', 'opentel'))]\n"
        "    os.write(2, f'{found}'.encode())\n"
        "    os._exit(code)\n"
        "console.leave = leave\n"
        "from orchestrate.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "--playbook", "release"],
        cwd=project.root, env=project.env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr.endswith("[]")
