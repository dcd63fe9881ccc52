"""Every metric that there is: name, labels, and what it tells.

`COUNTED` go up (or are the latest moment of something) and are kept in the store, so that they go
on where journals are removed and processes end. `STANDING` tell how things are at the moment. Names
and units follow the conventions of Prometheus.
"""

from typing import NamedTuple

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"
OTHER = "other"
"""The value of a label for everything beyond the limit of different ones."""

_SHORT = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)
_LONG = (1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0)
_WAITS = (0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
_LATE = (0.1, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0, 86400.0)


class Metric(NamedTuple):
    """A metric. `bounds`: the upper ends of a histogram's buckets, without the last one (+Inf)."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


CREATED = Metric(
    "orchestrate_workflows_created_total", COUNTER, "Workflows that were made.", ("playbook",)
)
FINISHED = Metric(
    "orchestrate_workflows_finished_total",
    COUNTER,
    "Ends of workflows; one that is resumed ends again.",
    ("playbook", "state"),
)
LAST_FINISHED = Metric(
    "orchestrate_workflow_last_finished_timestamp_seconds",
    GAUGE,
    "When a workflow of the playbook last ended this way.",
    ("playbook", "state"),
)
WORKFLOW_DURATION = Metric(
    "orchestrate_workflow_duration_seconds",
    HISTOGRAM,
    "How long workflows ran that succeeded, since they were started or resumed.",
    ("playbook",),
    _LONG,
)
STEPS = Metric(
    "orchestrate_steps_total",
    COUNTER,
    "Ends of steps, without those that only contain steps.",
    ("playbook", "outcome"),
)
STEP_DURATION = Metric(
    "orchestrate_step_duration_seconds",
    HISTOGRAM,
    "How long steps with a process took, from the first attempt to the end.",
    ("playbook", "type"),
    _SHORT,
)
RETRIES = Metric(
    "orchestrate_step_retries_total", COUNTER, "Attempts beyond the first one.", ("playbook",)
)
WAIT_DURATION = Metric(
    "orchestrate_wait_duration_seconds",
    HISTOGRAM,
    "How long was waited: queue (to begin), claim (for locks and capacity), approval.",
    ("reason",),
    _WAITS,
)
OWNERS_LOST = Metric(
    "orchestrate_owners_lost_total",
    COUNTER,
    "Workflows that were taken over because the process that ran them was gone.",
)
EVENTS = Metric("orchestrate_events_total", COUNTER, "Events in the journals of workflows.")
SLOTS = Metric(
    "orchestrate_schedule_slots_total",
    COUNTER,
    "Slots of schedules, by what became of them.",
    ("schedule", "outcome"),
)
LATENESS = Metric(
    "orchestrate_schedule_lateness_seconds",
    HISTOGRAM,
    "How much later than planned slots were started.",
    (),
    _LATE,
)
DELIVERED = Metric(
    "orchestrate_deliveries_total",
    COUNTER,
    "Ends of deliveries to integrations: delivered, refused, given_up.",
    ("integration", "outcome"),
)

COUNTED = (
    CREATED, FINISHED, LAST_FINISHED, WORKFLOW_DURATION, STEPS, STEP_DURATION, RETRIES,
    WAIT_DURATION, OWNERS_LOST, EVENTS, SLOTS, LATENESS, DELIVERED,
)  # fmt: skip

WORKFLOWS = Metric(
    "orchestrate_workflows", GAUGE, "Workflows that are not over.", ("playbook", "state")
)
OLDEST = Metric(
    "orchestrate_workflows_oldest_age_seconds",
    GAUGE,
    "Age of the oldest workflow in a state, since it was made.",
    ("state",),
)
LOST = Metric("orchestrate_workflows_owner_lost", GAUGE, "Running workflows whose process is gone.")
OVERDUE_PAUSES = Metric(
    "orchestrate_pauses_overdue", GAUGE, "Pauses that should have ended by themselves."
)
HELD = Metric("orchestrate_held", GAUGE, "1 while new workflows are held (`pause --all`).")
QUEUE = Metric("orchestrate_queue_length", GAUGE, "Workflows that wait to begin.", ("priority",))
QUEUE_AGE = Metric(
    "orchestrate_queue_oldest_wait_seconds", GAUGE, "How long the first of them has waited."
)
CLAIMS = Metric(
    "orchestrate_claims",
    GAUGE,
    "Claims to locks and capacity that are held or wait.",
    ("state",),
)
CLAIM_AGE = Metric(
    "orchestrate_claim_oldest_wait_seconds", GAUGE, "How long the oldest waiting claim has waited."
)
CAPACITY = Metric("orchestrate_capacity", GAUGE, "How much there is of a resource.", ("resource",))
CAPACITY_USED = Metric(
    "orchestrate_capacity_used", GAUGE, "How much of a resource is in use.", ("resource",)
)
SCHEDULES = Metric("orchestrate_schedules", GAUGE, "Schedules.", ("enabled",))
OVERDUE = Metric(
    "orchestrate_schedule_overdue_seconds",
    GAUGE,
    "How long the slot that is due for longest has not been started.",
)
INBOX = Metric("orchestrate_inbox_events", GAUGE, "Events for triggers.", ("state",))
DELIVERIES = Metric(
    "orchestrate_deliveries",
    GAUGE,
    "Deliveries to integrations that wait, or did not arrive (refused, given_up).",
    ("state",),
)
DELIVERY_AGE = Metric(
    "orchestrate_delivery_oldest_wait_seconds",
    GAUGE,
    "How long the oldest waiting delivery has waited.",
)
DAEMON = Metric("orchestrate_daemon_up", GAUGE, "1 while `orchestrate serve` serves this project.")
SUPERVISORS = Metric(
    "orchestrate_supervisors",
    GAUGE,
    "Processes that hold steps: alive, or orphaned (killed, while steps go on).",
    ("state",),
)
STORE_SIZE = Metric("orchestrate_store_bytes", GAUGE, "Size of the store's files.", ("file",))
FREE = Metric(
    "orchestrate_state_free_bytes", GAUGE, "Room on the file system of the state directory."
)
WRITABLE = Metric(
    "orchestrate_store_writable", GAUGE, "1 if the store took a write while this was measured."
)
WRITE = Metric(
    "orchestrate_store_write_seconds",
    GAUGE,
    "How long a durable write took while this was measured, waiting for its turn included.",
)
UNCOUNTED = Metric(
    "orchestrate_events_uncounted", GAUGE, "Events that the counters do not hold yet."
)
BUILD = Metric(
    "orchestrate_build_info", GAUGE, "Always 1; what runs.", ("version", "python", "schema")
)

STANDING = (
    WORKFLOWS, OLDEST, LOST, OVERDUE_PAUSES, HELD, QUEUE, QUEUE_AGE, CLAIMS, CLAIM_AGE, CAPACITY,
    CAPACITY_USED, SCHEDULES, OVERDUE, INBOX, DELIVERIES, DELIVERY_AGE, DAEMON, SUPERVISORS,
    STORE_SIZE, FREE, WRITABLE, WRITE, UNCOUNTED, BUILD,
)  # fmt: skip

METRICS = {metric.name: metric for metric in (*COUNTED, *STANDING)}
"""All of them, by name."""

Labels = tuple[str, ...]


class Total(NamedTuple):
    """What was counted. `amount`: of a counter, or of a histogram's observations; `sum`: of these,
    or the value of a gauge; `buckets`: how many fell into each bucket, the last one included.
    """

    amount: float = 0.0
    sum: float = 0.0
    buckets: tuple[int, ...] = ()


class Series(NamedTuple):
    """A metric with values for its labels, and what it stands at."""

    metric: Metric
    labels: Labels
    total: Total


def standing(metric: Metric, value: float, *labels: str) -> Series:
    """A gauge."""
    return Series(metric, labels, Total(0.0, float(value)))


class Tally:
    """Counts, by metric and labels."""

    def __init__(self) -> None:
        self.totals: dict[tuple[Metric, Labels], Total] = {}

    def add(self, metric: Metric, *labels: str, amount: float = 1.0) -> None:
        """So much more of a counter."""
        known = self.totals.get((metric, labels), _NOTHING)
        self.totals[metric, labels] = known._replace(amount=known.amount + amount)

    def observe(self, metric: Metric, seconds: float, *labels: str) -> None:
        """One more observation of a histogram. Clocks may run backwards, durations do not."""
        value = max(0.0, seconds)
        place = sum(value > bound for bound in metric.bounds)
        buckets = tuple(int(place == n) for n in range(len(metric.bounds) + 1))
        self.merge(metric, labels, Total(1.0, value, buckets))

    def reach(self, metric: Metric, value: float, *labels: str) -> None:
        """The latest of something."""
        self.merge(metric, labels, Total(0.0, value))

    def merge(self, metric: Metric, labels: Labels, total: Total) -> None:
        """What was counted elsewhere."""
        known = self.totals.get((metric, labels))
        self.totals[metric, labels] = total if known is None else merged(metric, known, total)


_NOTHING = Total()


def merged(metric: Metric, one: Total, other: Total) -> Total:
    """Both together."""
    if metric.kind == GAUGE:
        return Total(0.0, max(one.sum, other.sum))
    if metric.kind == COUNTER:
        return Total(one.amount + other.amount)
    buckets = tuple(a + b for a, b in zip(one.buckets, other.buckets, strict=True))
    return Total(one.amount + other.amount, one.sum + other.sum, buckets)
