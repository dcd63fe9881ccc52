"""Names that client, workflow and worker agree on: types, queues, messages."""

PLAYBOOK = "orchestrate-playbook"
COUNTER = "orchestrate-counter"
OUTPUT = "orchestrate-output"
BLOB = "orchestrate-blob"
RUN_STEP = "run_step"
ADOPT_STEP = "adopt_step"
READ_OUTPUT = "read_output"
ALLOCATE = "allocate"
ASK = "ask"
ANSWER = "answer"
JOURNAL = "journal"
HOLD = "hold"
CLOSED_OF = "closed_of"
SUMMARY = "orchestrate"
"""The memo's field that holds what lists show."""
QUEUE = "orchestrate"
"""Where workflows themselves are executed: every worker does."""
BLOB_QUEUE = "orchestrate-blobs"
"""Where content that rests in Temporal is looked after, without being kept in memory."""
DEFAULT_POOL = "default"


def pool_queue(pool: str) -> str:
    """Where the steps of a pool are executed."""
    return f"{QUEUE}-pool-{pool}"


def worker_queue(worker: str) -> str:
    """What only that worker can do: it has the processes, and their output."""
    return f"{QUEUE}-worker-{worker}"
