"""Names that client, workflow and worker agree on: types, queues, messages."""

PLAYBOOK = "orchestrate-playbook"
COUNTER = "orchestrate-counter"
OUTPUT = "orchestrate-output"
RESUME = "orchestrate-resume"
WORKER = "orchestrate-worker"
STAND_BY = "stand_by"
DRAIN = "drain"
SCHEDULES = "orchestrate-schedules"
EVENTS = "orchestrate-events"
BLOB = "orchestrate-blob"
COORDINATOR = "orchestrate-coordinator"
SAY = "say"
HEAR = "hear"
LOOK_AFTER = "look_after"
RUN_STEP = "run_step"
ADOPT_STEP = "adopt_step"
READ_OUTPUT = "read_output"
ALLOCATE = "allocate"
MADE_FOR = "made_for"
ASK = "ask"
WAKE = "wake"
FIRE = "fire_schedule"
AWAIT_END = "await_end"
SETTLE = "settle_events"
TELL = "tell"
OFFERED = "offered"
ANSWER = "answer"
JOURNAL = "journal"
HURRIED = "hurried"
HOLD = "hold"
CLOSED_OF = "closed_of"
SUMMARY = "orchestrate"
"""The memo's field that holds what lists show."""
ANSWERS = "orchestrate-answers"
"""The memo's field for what became of requests."""
SHARED = "orchestrate-shared"
"""The memo's field that tells what of all workflows' is in force."""
VIEW = "orchestrate-view"
"""The memo's field that tells who has, and wants, what."""
REGISTERED = "orchestrate-registered"
"""The memo's field for what a worker says of itself."""
GENERATION = 1
"""Raised by a release that cannot go on with workflows which earlier ones have begun: their
histories mean something else to it, or what is asked of workers does. Workflows stay with workers
of their generation; see docs/adr/0020."""
QUEUE = "orchestrate"
"""Where workflows are executed that serve all others: every worker does, of any generation."""
BLOB_QUEUE = "orchestrate-blobs"
"""Where content that rests in Temporal is looked after, without being kept in memory."""
LAUNCH_QUEUE = f"{QUEUE}-launch"
"""Where playbooks are started: by workers that have the project."""
DEFAULT_POOL = "default"


def playbook_queue(generation: int | None = None) -> str:
    """Where playbooks are executed: by workers of that generation, by default of this program's."""
    return f"{QUEUE}-{GENERATION if generation is None else generation}"


def pool_queue(pool: str) -> str:
    """Where the steps of a pool are executed, by workers of this generation."""
    return f"{playbook_queue()}-pool-{pool}"


def worker_queue(worker: str) -> str:
    """What only that worker can do: it has the processes, and their output."""
    return f"{QUEUE}-worker-{worker}"
