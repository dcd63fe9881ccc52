"""A client that runs a workflow until its end: `attending.py TARGET NAMESPACE WORKFLOW`."""

import sys

from orchestrate.cluster.connection import Address, Connection
from orchestrate.cluster.engine import ClusterEngine, ClusterSettings


def main(target: str, namespace: str, workflow: str) -> None:
    engine = ClusterEngine(Connection(Address(target, namespace)), ClusterSettings(actor="client"))
    engine.run(workflow)


if __name__ == "__main__":
    main(*sys.argv[1:])
