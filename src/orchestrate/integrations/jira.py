"""Jira: one issue for what fails, however often it fails, told when it works again.

An issue carries a label made of project, playbook and environment, and every text a reference made
of its notice's key. So an issue is found again without being remembered, and what was written by
an attempt whose end nobody saw is not written twice.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from orchestrate.integrations import jira_text
from orchestrate.integrations.message import Notice
from orchestrate.integrations.options import Options
from orchestrate.integrations.service import (
    Limits,
    Memory,
    OptionsError,
    Refused,
    RetryLater,
    Service,
)
from orchestrate.playbook.plan import Json

INDEXED = 15.0
"""Seconds after which searches are expected to know of an issue that was just created."""
_RECENT = 50
"""Comments among which one is looked for that was written already."""
_FINAL = ("done", "resolved", "closed", "fixed", "complete", "completed")
"""Statuses that mean success, best first; others that count as done may mean “won't do”."""
_NOTHING: Mapping[str, Any] = {}


class Wishes(NamedTuple):
    """What the playbook wants of Jira."""

    project: str
    create: bool
    resolve: bool
    issue_type: str
    transition: str | None
    labels: tuple[str, ...]
    priority: str | None


def make(given: Mapping[str, Json], limits: Limits) -> Service:
    """Options: `project`, `create_issue_on_failure`, `resolve_on_success`, `issue_type`,
    `transition`, `labels`, `priority`; `url`, `user`, `token`.
    """
    options = Options("jira", given)
    wishes = Wishes(
        options.needed("project", "Write the key of the project, such as `project: OPS`."),
        options.flag("create_issue_on_failure", default=True),
        options.flag("resolve_on_success", default=True),
        options.text("issue_type") or "Task",
        options.text("transition"),
        tuple(jira_text.as_label(each) for each in options.texts("labels")),
        options.text("priority"),
    )
    url, user, token = options.text("url"), options.text("user"), options.text("token")
    if url is None or token is None:
        raise OptionsError(
            f"nobody says {'where Jira is' if url is None else 'how to log in to Jira'}",
            hint="Set JIRA_URL, JIRA_USER and JIRA_TOKEN, or `url`, `user` and `token` under "
            "[integrations.jira] in orchestrate.toml.",
        )
    address = options.address("url", url)
    if user is None and ".atlassian.net" in address:
        raise OptionsError(
            "the login to Jira Cloud has a token, but no user",
            hint="Set JIRA_USER, or `user` under [integrations.jira]: the address of the account "
            "whose API token it is.",
        )
    return _Jira(wishes, _library().Login(address, user, token), limits)


def _library() -> Any:
    try:
        return import_module("orchestrate.integrations.jira_client")
    except ImportError:
        raise OptionsError(
            "the jira integration needs the library jira, which is not installed",
            hint="Install it: `pip install 'aither-orchestrate[jira]'`.",
        ) from None


class _Jira:
    """Remembered: the `issue` of what fails at present, with how often it `failed`, or the
    `earlier` one of what works again.
    """

    def __init__(self, wishes: Wishes, login: Any, limits: Limits) -> None:
        self._wishes = wishes
        self._login = login
        self._limits = limits
        self._library = _library()

    def scope(self, notice: Notice) -> str:
        return notice.dedup_key

    def deliver(self, notice: Notice, memory: Memory) -> Memory:
        if notice.kind == "failure" and notice.state != "cancelled" and self._wishes.create:
            return self._failed(_Talk(self._library, self._login, self._limits), notice, memory)
        if notice.kind in ("success", "recovery") and (notice.recovered or "issue" in memory):
            return self._passed(_Talk(self._library, self._login, self._limits), notice, memory)
        return memory

    def _failed(self, talk: "_Talk", notice: Notice, memory: Memory) -> Memory:
        issue = self._open_issue(talk, notice, memory)
        if issue is None:
            return {"issue": self._create(talk, notice, memory), "failed": 1}
        before = memory.get("failed") if memory.get("issue") == issue["key"] else None
        failures = (before if isinstance(before, int) else 0) + 1
        if not talk.holds(issue, notice):
            talk.comment(issue["key"], jira_text.again(notice, failures))
        return {"issue": issue["key"], "failed": failures}

    def _passed(self, talk: "_Talk", notice: Notice, memory: Memory) -> Memory:
        issue = self._open_issue(talk, notice, memory)
        if issue is None:
            known = memory.get("issue", memory.get("earlier"))
            return {} if known is None else {"earlier": known}
        if not talk.holds(issue, notice):
            talk.comment(issue["key"], jira_text.passed(notice))
        if self._wishes.resolve:
            self._resolve(talk, issue["key"])
        return {"earlier": issue["key"]}

    def _open_issue(self, talk: "_Talk", notice: Notice, memory: Memory) -> Any:
        """The issue that is remembered, else one that is found by its label, if it is open."""
        known = memory.get("issue")
        issue = talk.issue(known) if isinstance(known, str) else None
        if issue is None:
            project = jira_text.quoted(self._wishes.project)
            label = jira_text.quoted(jira_text.label(notice))
            found = talk.first(
                f"project = {project} AND labels = {label} AND statusCategory != Done "
                "ORDER BY created DESC"
            )
            # Searches may lag behind: how it stands the issue itself says.
            issue = None if found is None else talk.issue(found)
        return None if issue is None or _is_done(issue) else issue

    def _create(self, talk: "_Talk", notice: Notice, memory: Memory) -> str:
        wishes = self._wishes
        earlier = memory.get("issue", memory.get("earlier"))
        text = jira_text.description(notice)
        fields: dict[str, Any] = {
            "project": {"key": wishes.project},
            "issuetype": {"name": wishes.issue_type},
            "summary": jira_text.summary(notice),
            "description": f"{text}\nEarlier: {earlier}" if earlier else text,
            "labels": ["orchestrate", jira_text.label(notice), *wishes.labels],
        }
        if wishes.priority is not None:
            fields["priority"] = {"name": wishes.priority}
        try:
            return talk.create(fields)
        except RetryLater as later:
            # It may have been created all the same: it is looked for once searches can know it.
            raise RetryLater(max(later.after or 0.0, INDEXED), later.why) from None

    def _resolve(self, talk: "_Talk", key: str) -> None:
        offered = talk.transitions(key)
        if self._wishes.transition is not None:
            wanted = self._wishes.transition.casefold()
            chosen = [each for each in offered if wanted in _names(each)]
            if not chosen:
                names = ", ".join(sorted(str(each["name"]) for each in offered)) or "none"
                raise Refused(
                    f"{key} was told, but not resolved: there is no transition "
                    f"`{self._wishes.transition}` (offered to this account: {names})"
                )
        else:
            chosen = sorted(filter(_leads_to_done, offered), key=_preference)
        if chosen:
            talk.transit(key, chosen[0]["id"], _resolution(chosen[0]))


class _Talk:
    """One delivery's requests."""

    def __init__(self, library: Any, login: Any, limits: Limits) -> None:
        self._library = library
        self._client = library.connect(login, limits)

    def issue(self, key: str) -> Any:
        """What we need of an issue; None if there is none."""
        try:
            found = self._library.ask(self._client.issue, key, fields="status,description")
        except self._library.Missing:
            return None
        return found.raw

    def first(self, jql: str) -> str | None:
        """The key of the first issue that a query finds."""
        # Cloud and Data Center have different searches: the client asks which one it is.
        about = self._ask(self._client.server_info)
        self._client.deploymentType = about.get("deploymentType")
        answer = self._ask(
            self._client.search_issues, jql, maxResults=1, fields=["status"], json_result=True
        )
        found = answer["issues"]
        return str(found[0]["key"]) if found else None

    def holds(self, issue: Any, notice: Notice) -> bool:
        """Whether the issue tells of this notice already."""
        wanted = jira_text.reference(notice)
        if wanted in (issue["fields"].get("description") or ""):
            return True
        comments = self._ask(
            self._client.comments, issue["key"], max_results=_RECENT, order_by="-created"
        )
        return any(wanted in (each.raw.get("body") or "") for each in comments)

    def create(self, fields: Mapping[str, Any]) -> str:
        """The key of a new issue."""
        return str(self._ask(self._client.create_issue, fields, prefetch=False).key)

    def comment(self, key: str, text: str) -> None:
        """Add a comment."""
        self._ask(self._client.add_comment, key, text)

    def transitions(self, key: str) -> list[Any]:
        """The transitions that the account may choose, with their fields."""
        return self._ask(self._client.transitions, key, expand="transitions.fields")

    def transit(self, key: str, transition: str, fields: Mapping[str, Any]) -> None:
        """Choose a transition."""
        try:
            self._ask(self._client.transition_issue, key, transition, fields=fields)
        except Refused as refused:
            raise Refused(f"{key} was told, but not resolved: {refused.why}") from None

    def _ask(self, call: Any, *values: Any, **options: Any) -> Any:
        try:
            return self._library.ask(call, *values, **options)
        except self._library.Missing as missing:
            raise self._library.missing(missing) from None


def _is_done(issue: Any) -> bool:
    return issue["fields"]["status"]["statusCategory"]["key"] == "done"


def _names(transition: Any) -> tuple[str, str]:
    return str(transition["name"]).casefold(), str(transition["to"]["name"]).casefold()


def _leads_to_done(transition: Any) -> bool:
    """Whether it ends in a status that counts as done, and asks for nothing that we do not know."""
    fields: Mapping[str, Any] = transition.get("fields", _NOTHING)
    asks = [
        name
        for name, field in fields.items()
        if field.get("required") and not field.get("hasDefaultValue") and name != "resolution"
    ]
    return transition["to"]["statusCategory"]["key"] == "done" and not asks


def _preference(transition: Any) -> int:
    name = str(transition["to"]["name"]).casefold()
    return _FINAL.index(name) if name in _FINAL else len(_FINAL)


def _resolution(transition: Any) -> Mapping[str, Any]:
    """The resolution, if the transition has one: without it an issue would stay unresolved."""
    field: Mapping[str, Any] = transition.get("fields", _NOTHING).get("resolution", _NOTHING)
    allowed: list[Any] = field.get("allowedValues", [])
    ranked = sorted(allowed, key=lambda each: _preference({"to": {"name": each["name"]}}))
    return {"resolution": {"name": ranked[0]["name"]}} if ranked else {}
