"""What each key of `orchestrate.toml` and of the environment files means, for editors.

By table, then by key, as in the tables that check them (`sections.py`, `settings.py`).
"""

from collections.abc import Mapping

TABLES: Mapping[str, str] = {
    "engine": "How workflows run on this machine.",
    "secrets": "Where secrets are kept.",
    "state": "What is recorded, and for how long.",
    "commands": "What slash commands call: `[commands.NAME]`.",
    "checks": "What `/monitor` looks at: `[checks.NAME]`.",
    "backup": "What `/backup` keeps, and where.",
    "notify": "Whom `/notify` tells: `[notify.NAME]`.",
    "test": "What `/test` runs.",
    "lint": "What `validate` looks for beyond errors.",
    "capacity": "How much there is of each resource, for the `resources` of steps and playbooks.",
    "freeze": "Times in which no new workflows begin: `[[freeze]]`.",
    "rate_limits": "How often commands are called, by all workflows together.",
    "rehearsal": "What rehearsals of playbooks are held to.",
    "telemetry": "Where traces are sent while workflows run (OpenTelemetry).",
    "metrics": "Figures for Prometheus.",
    "integrations": "What playbooks' integrations leave out, and whom every playbook tells.",
    "audit": "For how long actions are kept, and what signs how far they went.",
    "serve": "How the daemon is reached.",
    "triggers": "What those bring who start playbooks from outside.",
}
INTEGRATIONS: Mapping[str, str] = {
    "link": "Where a workflow can be looked at: an address in which `{id}` stands for its id.",
    "give_up_after": "For how long a delivery is tried. Default: 3d.",
}
INTEGRATION: Mapping[str, str] = {
    "every_playbook": "Also told of playbooks that have no integration of this type.",
    "events": "Of what, then: start, success, failure, pause, approval, recovery.",
    "environments": "And in which environments. Default: in all.",
    "webhook": "The address of an incoming webhook, such as ${SLACK_WEBHOOK}.",
    "token": "A bot token (slack) or API token (jira), best from a variable: ${NAME}.",
    "channel": "Where a bot posts.",
    "mention": "Who is mentioned when something fails or waits: here, or ids (U…, S…).",
    "api_url": "Where Slack's Web API is. Default: https://slack.com/api/.",
    "project": "The key of the project.",
    "create_issue_on_failure": "Whether a failure makes an issue. Default: true.",
    "issue_type": "Of which type. Default: Task.",
    "labels": "Labels of its own for the issue.",
    "priority": "The issue's priority, such as High.",
    "resolve_on_success": "Whether a success resolves it. Default: true.",
    "transition": "By which transition. Default: one that ends in Done.",
    "url": "The address; for jira JIRA_URL stands in, for notify it is one of apprise, for datadog "
    "that of a relay in place of `site`.",
    "user": "Whose token it is; JIRA_USER stands in.",
    "api_key": "The key, best from a variable: ${DATADOG_API_KEY}.",
    "site": "Such as datadoghq.eu. Default: datadoghq.com.",
    "track_metrics": "Whether metrics of each workflow are sent. Default: true.",
    "track_events": "Whether an event is sent for what it is told. Default: true.",
    "tags": "Tags of everything that is sent.",
    "secret": "Signs deliveries, as `orchestrate serve` checks them.",
    "headers": "Headers that go along with each delivery.",
    "target": "The name of a [notify.NAME].",
}
SERVE: Mapping[str, str] = {
    "listen": "Where the daemon takes HTTP requests: `host:port`. Default: 127.0.0.1:8765.",
    "api": "Whether it offers the API and the console. Default: true.",
    "tls_certificate": "A file with the server's certificate and its chain.",
    "tls_key": "The file with the key that belongs to it.",
    "trusted_proxies": "Addresses or networks of proxies that add TLS and say for whom they ask.",
    "public_url": "How browsers reach it, such as https://orchestrate.example.com.",
    "requests_per_minute": "How many requests to the API one token may make. Default: 1200.",
}
METRICS: Mapping[str, str] = {
    "textfile": "A file `….prom` for node_exporter's textfile collector, written when a workflow "
    "has ended.",
    "labels": "What every metric has, too, such as `project`: where several write textfiles.",
    "token": "The bearer token that `/metrics` of the daemon asks for; better given as "
    "ORCHESTRATE_METRICS_TOKEN. Without one it answers to this machine only.",
}
TRIGGERS: Mapping[str, str] = {
    "webhook_secret": "Signs deliveries to webhooks that name no secret of their own; better given "
    "as ORCHESTRATE_WEBHOOK_SECRET.",
    "events_token": "The bearer token that `POST /events` asks for; better given as "
    "ORCHESTRATE_EVENTS_TOKEN.",
}
SECRETS: Mapping[str, str] = {"vault": "Where Vault (or OpenBao) is, and how to log in there."}
VAULT: Mapping[str, str] = {
    "address": "Its URL, such as https://vault.example.com:8200; VAULT_ADDR wins.",
    "namespace": "The namespace of everything that is read; VAULT_NAMESPACE wins.",
    "ca_file": "The certificate authority of the server; VAULT_CACERT wins.",
    "auth": "How to log in; by default what the other keys and variables allow, in this order.",
    "token_file": "token_file: the file that holds the token. Default: ~/.vault-token.",
    "role_id": "approle: which role; VAULT_ROLE_ID wins.",
    "secret_id_file": "approle: the file that holds the secret id; VAULT_SECRET_ID wins.",
    "role": "kubernetes: which role.",
    "jwt_file": "kubernetes: the service account's token. Default: where Kubernetes mounts it.",
    "mount": "approle, kubernetes: where the method is mounted. Default: its name.",
    "timeout": "How long one request may take. Default: 5s.",
    "wait": "How long passing trouble is waited out: sealed, unreachable. Default: 30s.",
    "revoke": "Whether leases are given back when their workflow is over. Default: true.",
}
AUDIT: Mapping[str, str] = {
    "key": "The private Ed25519 key that signs checkpoints; without it, none are made.",
    "checkpoints": "Their file. Default: audit/checkpoints.jsonl in the state directory.",
    "sign_every": "How old the last checkpoint must be before another is signed. Default: 1h.",
    "retention_days": "For how long actions are kept, in days or parts of one. Default: for ever.",
}
TELEMETRY: Mapping[str, str] = {
    "endpoint": "The receiver, such as http://localhost:4318. By default that of "
    "OTEL_EXPORTER_OTLP_ENDPOINT; without either nothing is sent.",
    "protocol": "How it is sent: http/protobuf (the default) or grpc.",
    "headers": "What goes along with each request, such as a key of the receiver.",
    "service_name": "As what the traces are shown. Default: OTEL_SERVICE_NAME, else orchestrate.",
    "sample": "The share of traces that are sent, from 0 to 1. Default: 1. A caller's trace "
    "context decides itself.",
    "flush": "How long the end of a process may wait until all is sent. Default: 3 s.",
}
ENGINE: Mapping[str, str] = {
    "max_workflows": "How many workflows run at once on this state directory; others queue.",
    "max_parallel": "How many steps of one workflow run at once. Default: 16.",
    "output_limit": "Bytes of output that are kept of each attempt. Default: 67108864 (64 MiB).",
    "kill_grace": "Time between TERM and KILL when a step is stopped. Default: 10 s.",
    "kind": "Where workflows run: embedded (on this machine, the default) or cluster (Temporal).",
    "address": "The Temporal server of a cluster, such as temporal.example.com:7233.",
    "namespace": "Temporal's namespace, one for each project. Default: default.",
    "pool": "Where steps run that name no pool. Default: default.",
    "api_key_variable": "The environment variable with the key for a managed cluster.",
    "worker_lost_after": "A worker without a sign of life for so long is lost. Default: 10 s.",
    "worker_lease": "For so long a lost worker may come back and go on with its steps. Default: "
    "60 s.",
    "project_files": "sent (the default): workers get the project's files as they were when the "
    "workflow began; local: they use their own copy of the project.",
    "tls": "How the connection to the cluster is secured.",
    "encryption": "With which keys everything is encrypted that is stored in Temporal.",
}
ENGINE_TLS: Mapping[str, str] = {
    "ca_file": "Who signed the server's certificate. By default those whom the system trusts.",
    "cert_file": "Our own certificate, for mutual TLS.",
    "key_file": "The key that belongs to it.",
}
ENGINE_ENCRYPTION: Mapping[str, str] = {
    "key_variable": "The environment variable that holds the keys, one a line or between commas: "
    "32 bytes in base64. The first one writes, all of them read.",
    "key_file": "The file that holds the keys, one a line.",
}
STATE: Mapping[str, str] = {
    "retention_days": "Workflows that ended longer ago are pruned; 0.5 is half a day. Default: 90.",
    "group": "The group of users that shares the state directory.",
}
BACKUP: Mapping[str, str] = {
    "directory": "Where backups are kept; by default in the state directory.",
    "sets": "What is backed up: `[backup.sets.NAME]`.",
    "targets": "Named places for backups: `[backup.targets.NAME]`.",
}
BACKUP_SET: Mapping[str, str] = {
    "paths": "Files and folders, relative to the project.",
    "exclude": "Patterns for names, or for paths below each path, that are left out.",
    "optional": "Whether paths may be missing. Default: false.",
}
BACKUP_TARGET: Mapping[str, str] = {"directory": "The directory."}
FREEZE: Mapping[str, str] = {
    "name": "Why nothing begins then.",
    "from": "When it begins: a date or a time. Without a zone, that of `time_zone`.",
    "until": "When it ends.",
    "cron": "When it begins, again and again: five fields.",
    "duration": "How long it lasts each time.",
    "time_zone": "Such as Europe/Berlin; by default that of the machine.",
    "environments": "Where it holds; by default everywhere.",
    "allow_priority": "Workflows of this priority, or of a higher one, begin all the same.",
}
RATE_GROUP: Mapping[str, str] = {
    "commands": "The first words of the calls that are counted.",
    "limit": "How often, such as 10/minute.",
}
LINT: Mapping[str, str] = {"ignore": "Rules that are switched off in this project."}
REHEARSAL: Mapping[str, str] = {
    "require": "Rules that must hold after every failure: `rollback`, `notify`, `no-leftovers`, "
    "`no-needs-attention`. `validate` checks them.",
}
TEST: Mapping[str, str] = {"suites": "The suites: `[test.suites.NAME]`."}
COMMAND: Mapping[str, str] = {
    "argv": "A program and its first arguments; those of the call follow.",
    "ssh": "Where the program runs: a host, as `user@host:port`.",
    "playbook": "The playbook that the command runs.",
    "arguments": "The parameters that the positional words of the call set, in order.",
    "workdir": "The directory on the other machine.",
    "identity": "The file of the private key.",
    "known_hosts": "The file with the keys of known hosts.",
    "grace": "Time between TERM and KILL on the other machine.",
    "max_duration": "The longest `--duration`, for rehearsals; refused in protected environments.",
}
CHECK: Mapping[str, str] = {
    "type": "What is looked at: http, tcp, process, disk or command.",
    "description": "What the check is for.",
    "timeout": "How long one look may take.",
    "comprehensive": "Whether it is left out unless `--comprehensive` or its name is given.",
    "min": "The least value that passes.",
    "max": "The greatest value that passes.",
    "better": "Which direction is better, to compare the value with a baseline: lower or higher.",
    "url": "What is fetched.",
    "method": "The method of the request. Default: GET.",
    "status": "The status, or statuses, that pass. Default: 200.",
    "headers": "Headers of the request.",
    "contains": "Text that must be in the body.",
    "matches": "A regular expression that must be found in the body.",
    "max_latency": "How long an answer may take.",
    "value": "A number in a JSON body, by a dotted path.",
    "host": "The host.",
    "port": "The port.",
    "pid_file": "The file that holds the id of the process.",
    "name": "The name of the process.",
    "path": "A path on the file system that is looked at.",
    "min_free": "Per cent that must be free.",
    "argv": "The program and its arguments.",
    "exit_code": "The exit code that passes. Default: 0.",
}
NOTIFY: Mapping[str, str] = {
    "type": "How it is told: url (the default), file or command.",
    "url": "An address of the library apprise, such as mailto://user@example.com.",
    "url_variable": "The environment variable that holds the address.",
    "path": "A file that gets a line of JSON for each notification.",
    "argv": "A program that gets the message on its input.",
    "timeout": "How long the program may take.",
}
SUITE: Mapping[str, str] = {
    "description": "What the suite shows.",
    "command": "A program and its arguments that runs the tests.",
    "shell": "Text for /bin/sh that runs the tests.",
    "requests": "Requests, each a test: `[[test.suites.NAME.requests]]`.",
    "base_url": "What paths of requests begin with; `{environment}` is the environment's name.",
    "retries": "How often a test that fails is tried again.",
    "retry_delay": "Time before it is tried again.",
    "timeout": "How long the suite, or each request, may take.",
    "environments": "Other values by environment: `[test.suites.NAME.environments.NAME]`.",
}
REQUEST: Mapping[str, str] = {
    "name": "What the test is called.",
    "url": "What is requested.",
    "path": "What is requested, below `base_url`.",
    "method": "The method. Default: GET.",
    "headers": "Headers of the request.",
    "body": "The body of the request.",
    "status": "The status, or statuses, that pass. Default: 200.",
    "contains": "Text that must be in the answer.",
    "matches": "A regular expression that must be found in the answer.",
    "max_latency": "How long the answer may take.",
    "timeout": "How long to wait for the answer.",
}
SUITE_ENVIRONMENT: Mapping[str, str] = {"base_url": "What paths of requests begin with there."}
ENVIRONMENT: Mapping[str, str] = {
    "protected": "Whether a person must confirm each run, or `--yes` be given. Default: false.",
    "description": "What the environment is.",
    "parameters": "Values of playbooks' parameters there.",
    "variables": "Variables of playbooks there.",
    "commands": "What slash commands call there; it wins over `orchestrate.toml`.",
    "rehearsal": "What rehearsals of playbooks are held to there, instead of `orchestrate.toml`.",
}
