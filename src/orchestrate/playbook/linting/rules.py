"""All rules. The order is that of the documentation."""

from collections.abc import Mapping

from orchestrate.playbook.linting.bounding import NETWORK_WITHOUT_TIMEOUT, WAIT_WITHOUT_TIMEOUT
from orchestrate.playbook.linting.describing import MISSPELT_LABEL, NO_DESCRIPTION
from orchestrate.playbook.linting.exposing import SECRET_IN_COMMAND_LINE
from orchestrate.playbook.linting.failing import (
    CHANGE_WITHOUT_ON_FAILURE,
    NO_CHECK_AFTER_DEPLOYMENT,
    TOLERATED_CHANGE,
)
from orchestrate.playbook.linting.locking import (
    DUPLICATE_LOCK,
    HELD_LOCK,
    LOCK_UPGRADE,
    TOO_MUCH_CAPACITY,
    UNKNOWN_RESOURCE,
)
from orchestrate.playbook.linting.model import ERROR, NOTE, WARNING, Rule
from orchestrate.playbook.linting.naming import (
    HIDDEN_ENVIRONMENT_VALUE,
    UNUSED_PARAMETER,
    UNUSED_SECRET,
    UNUSED_VARIABLE,
)
from orchestrate.playbook.linting.reaching import HANDLER_CANNOT_RUN, UNREACHABLE
from orchestrate.playbook.linting.retrying import POINTLESS_RETRY, RETRY_NOT_IDEMPOTENT
from orchestrate.playbook.linting.shelling import NOT_EXPANDED, SHELL_GOES_ON

SHADOWED_NAME = Rule(
    "shadowed-name",
    WARNING,
    "a loop variable hides another name",
    "Inside the loop the name means the item, so the parameter, variable or step of the same name "
    "cannot be read there. It works, but a reader takes one for the other; another name under "
    "`as:` is clearer.",
    None,
)
IMPLICIT_PARAMETER = Rule(
    "implicit-parameter",
    WARNING,
    "a name is not declared and becomes a parameter",
    "In a playbook without a `parameters:` block a plain name that nothing defines is a required "
    "text parameter. A misspelt name becomes one, too, and then the run asks for its value. "
    "Declare parameters, so that they have types, defaults and descriptions.",
    None,
)
EXPRESSION_IN_SCRIPT = Rule(
    "expression-in-script",
    WARNING,
    "`${…}` stands in a script that is not for a shell",
    "In a script for another interpreter than a POSIX shell nothing is put in, because a value "
    "could become code there. Pass it by the step's `env:`, and read the environment variable.",
    None,
)
COMMAND_NOT_FOUND = Rule(
    "command-not-found",
    WARNING,
    "a program is not on this machine",
    "The playbook calls a program that is not on PATH here. That is no fault of a playbook that is "
    "meant for another machine, but `run` would be refused on this one, and `--dependencies` makes "
    "it an error. A slash command, or a file of the project, that is missing is always an error.",
    None,
)
TRIGGER_WITHOUT_PARAMETER = Rule(
    "trigger-without-parameter",
    WARNING,
    "a trigger does not give a parameter that must be given",
    "Nobody is asked when a trigger starts the playbook. A required parameter comes from the "
    "trigger's `parameters:` or from the environment's file; if neither has it, nothing starts.",
    None,
)
WEBHOOK_WITHOUT_SECRET = Rule(
    "webhook-without-secret",
    WARNING,
    "nothing here signs the deliveries of a webhook",
    "The webhook names no `secret`, and this machine has none for all of them "
    "(`ORCHESTRATE_WEBHOOK_SECRET`, `[triggers] webhook_secret`). A daemon with the same settings "
    "would not serve it. `signature: none` takes deliveries that nobody signed.",
    None,
)
WEBHOOK_PATH_TAKEN = Rule(
    "webhook-path-taken",
    ERROR,
    "two webhooks have the same path",
    "A request to that path could start either, so `orchestrate serve` serves one of them and says "
    "in its log which it leaves out. `validate --all` looks at all playbooks of the project.",
    None,
)
UNKNOWN_ENVIRONMENT = Rule(
    "unknown-environment",
    WARNING,
    "a playbook names an environment that there is not",
    "`environments:` names one that has no file beside the others, so the playbook cannot run "
    "there: the name may be misspelt. It is an error if the default of the parameter `environment` "
    "is no environment, since a run without `--environment` would be refused.",
    None,
)
MISSING_DEPENDENCY = Rule(
    "missing-dependency",
    ERROR,
    "something that the playbook needs is not there",
    "`--dependencies` found that an environment variable, a secret, a directory, a check, a suite, "
    "a backup set, a sub-playbook or a host is missing: a run on this machine, now, would fail. "
    "What only lessens a run, such as a notification that is not configured, is a warning.",
    None,
)
FAILS_IN_SIMULATION = Rule(
    "fails-in-simulation",
    ERROR,
    "a step cannot start in some case that may come",
    "`--simulate` walked every way through the playbook, and on one of them an expression has no "
    "value whatever the steps give: it reads the output of a step that was skipped there, passes a "
    "list where one argument is meant, or an assertion over known values fails. The hint says in "
    "which case. Give a default with `| default(…)`, or a `when` that keeps the step from running.",
    None,
)
NEVER_REACHED = Rule(
    "never-reached",
    NOTE,
    "no way through the playbook comes to a step",
    "`--simulate` walked every way, with all answers to what depends on results and parameters, "
    "and none led to this step. In another environment it may be reached; otherwise it is dead, or "
    "its condition is wrong. Handlers of failures are left out here: the failure matrix has them.",
    None,
)
NO_END = Rule(
    "no-end",
    WARNING,
    "the playbook waits for something that never happens",
    "In a case that `--simulate` walked, a step looks again and again for something that does not "
    "change. A `timeout` on the step ends that.",
    None,
)
UNKNOWN_RULE = Rule(
    "unknown-rule",
    WARNING,
    "a comment switches off a rule that does not exist",
    "`# orchestrate: ignore NAME` names a rule that there is not, so it switches off nothing: the "
    "name may be misspelt, or of another version.",
    None,
)

RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        NO_DESCRIPTION,
        MISSPELT_LABEL,
        NETWORK_WITHOUT_TIMEOUT,
        WAIT_WITHOUT_TIMEOUT,
        RETRY_NOT_IDEMPOTENT,
        POINTLESS_RETRY,
        CHANGE_WITHOUT_ON_FAILURE,
        NO_CHECK_AFTER_DEPLOYMENT,
        TOLERATED_CHANGE,
        SECRET_IN_COMMAND_LINE,
        UNREACHABLE,
        HANDLER_CANNOT_RUN,
        UNUSED_VARIABLE,
        UNUSED_PARAMETER,
        UNUSED_SECRET,
        SHADOWED_NAME,
        HIDDEN_ENVIRONMENT_VALUE,
        NOT_EXPANDED,
        SHELL_GOES_ON,
        DUPLICATE_LOCK,
        HELD_LOCK,
        LOCK_UPGRADE,
        UNKNOWN_RESOURCE,
        TOO_MUCH_CAPACITY,
        IMPLICIT_PARAMETER,
        EXPRESSION_IN_SCRIPT,
        COMMAND_NOT_FOUND,
        TRIGGER_WITHOUT_PARAMETER,
        WEBHOOK_WITHOUT_SECRET,
        WEBHOOK_PATH_TAKEN,
        UNKNOWN_ENVIRONMENT,
        MISSING_DEPENDENCY,
        FAILS_IN_SIMULATION,
        NEVER_REACHED,
        NO_END,
        UNKNOWN_RULE,
    )
}
"""Every rule by its name."""
