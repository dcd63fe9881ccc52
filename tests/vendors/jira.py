"""Jira's REST interface (version 2), Cloud or Data Center, as far as its documentation describes
what is asked of it: issues, comments, transitions, searches.

Requests are checked against what Atlassian's reference says of their bodies: known keys only,
types, lengths, no blanks in labels, no line breaks in summaries. JQL is parsed, so that wrong
quoting shows.
"""

import base64
import re
from typing import Any

from vendors.serving import Reply, Request, Vendor

SUMMARY = 255
TEXT = 32_767
LABEL = 255
_ROOT = "/rest/api/2/"
_TOKENS = re.compile(r'\s*("(?:\\.|[^"\\])*"|!=|=|\w+)')
_STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done", "Won't Do": "done"}


class Jira(Vendor):
    """`issues` by key. `transitions`: (id, name, status that it leads to, fields it needs)."""

    def __init__(self, *, cloud: bool = True) -> None:
        super().__init__()
        self.cloud = cloud
        self.user, self.token = "bot@example.com", "jira-test-token"
        self.issues: dict[str, dict[str, Any]] = {}
        self.projects = {"OPS": {"Task", "Bug"}}
        self.lagging = False
        """Whether searches do not know yet which issues are done."""
        self.may_transition = True
        self.transitions: list[tuple[str, str, str, dict[str, Any]]] = [
            ("11", "Start", "In Progress", {}),
            ("21", "Done", "Done", {}),
        ]

    def answer(self, request: Request) -> Reply:
        wanted = f"Bearer {self.token}"
        if self.cloud:
            pair = base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
            wanted = f"Basic {pair}"
        if request.headers.get("authorization") != wanted:
            return Reply(401, {"message": "Client must be authenticated", "status-code": 401})
        match (request.method, request.path.removeprefix(_ROOT).split("/")):
            case ("GET", ["serverInfo"]):
                kind = "Cloud" if self.cloud else "Server"
                return Reply(200, {"deploymentType": kind, "versionNumbers": [10, 0, 0]})
            case ("GET", ["field"]):
                return Reply(200, [{"id": "labels", "clauseNames": ["labels"]}])
            case ("GET", ["search"]) if not self.cloud:
                return self._search(request.query["jql"][0])
            case ("GET", ["search", "jql"]) if self.cloud:
                return self._search(request.query["jql"][0])
            case (_, ["search"]):
                return Reply(410, {"errorMessages": ["The requested API has been removed."]})
            case ("POST", ["issue"]):
                return self._create(request.data)
            case (_, ["issue", key, *rest]):
                return self._of_issue(request, key, rest)
            case _:
                return _wrong(404, "No such resource")

    def _of_issue(self, request: Request, key: str, rest: list[str]) -> Reply:
        if key not in self.issues:
            return _wrong(404, "Issue does not exist or you do not have permission to see it.")
        issue = self.issues[key]
        match (request.method, rest):
            case ("GET", []):
                return Reply(200, {"id": issue["id"], "key": key, "fields": issue["fields"]})
            case ("GET", ["comment"]):
                return self._comments(request, issue)
            case ("POST", ["comment"]):
                return self._comment(request.data, issue)
            case ("GET", ["transitions"]):
                return Reply(200, {"transitions": self._offered()})
            case ("POST", ["transitions"]):
                return self._transit(request.data, issue)
            case _:
                return _wrong(404, "No such resource")

    def _comments(self, request: Request, issue: dict[str, Any]) -> Reply:
        given = list(issue["comments"])
        if request.query.get("orderBy") == ["-created"]:
            given.reverse()
        most = int(request.query.get("maxResults", ["50"])[0])
        return Reply(200, {"comments": given[:most], "total": len(given), "startAt": 0})

    def _comment(self, data: Any, issue: dict[str, Any]) -> Reply:
        if set(data) - {"body", "visibility", "properties"} or not isinstance(data["body"], str):
            return _wrong(400, "INVALID_INPUT")
        if not data["body"] or len(data["body"]) > TEXT:
            return _bad("comment", "The entered text is too long.")
        comment = {"id": str(10_000 + len(issue["comments"])), "body": data["body"]}
        issue["comments"].append(comment)
        return Reply(201, comment)

    def _offered(self) -> list[dict[str, Any]]:
        if not self.may_transition:
            return []
        return [
            {"id": key, "name": name, "fields": fields,
             "to": {"name": status, "statusCategory": {"key": _STATUSES[status]}}}
            for key, name, status, fields in self.transitions
        ]  # fmt: skip

    def _transit(self, data: Any, issue: dict[str, Any]) -> Reply:
        found = [each for each in self.transitions if each[0] == str(data["transition"]["id"])]
        if not found or not self.may_transition:
            return _wrong(
                400, "It seems that you have tried to perform an illegal workflow operation."
            )
        _, _, status, fields = found[0]
        given = data.get("fields") or {}
        if set(given) - set(fields):
            name = min(set(given) - set(fields))
            return _bad(name, f"Field '{name}' cannot be set.")
        lacking = [
            name for name, about in fields.items() if about["required"] and name not in given
        ]
        if lacking:
            return _bad(lacking[0], f"{lacking[0]} is required.")
        issue["fields"]["status"] = _status(status)
        for add in (data.get("update") or {}).get("comment", ()):
            issue["comments"].append({"id": "1", "body": add["add"]["body"]})
        return Reply(204)

    def _create(self, data: Any) -> Reply:
        if set(data) - {"fields", "update", "properties", "historyMetadata", "transition"}:
            return _wrong(400, "INVALID_INPUT")
        fields = data["fields"]
        errors = wrong_fields(fields)
        kinds = self.projects.get(fields["project"].get("key"))
        if kinds is None:
            errors["project"] = "valid project is required"
        elif fields["issuetype"].get("name") not in kinds:
            errors["issuetype"] = "Specify a valid issue type"
        if errors:
            return Reply(400, {"errorMessages": [], "errors": errors})
        key = f"{fields['project']['key']}-{len(self.issues) + 1}"
        issue = {"id": str(10_000 + len(self.issues)), "comments": []}
        issue["fields"] = {**fields, "status": _status("To Do")}
        self.issues[key] = issue
        return Reply(201, {"id": issue["id"], "key": key, "self": f"{self.address}{_ROOT}issue/1"})

    def _search(self, jql: str) -> Reply:
        wanted = _parse(jql)
        if wanted is None:
            return _wrong(400, f"Error in the JQL Query: {jql}")
        for _, value in [each for name, *each in wanted if name == "project"]:
            if value not in self.projects:
                return _wrong(400, f"The value '{value}' does not exist for the field 'project'.")
        found = [
            {"id": issue["id"], "key": key, "fields": issue["fields"]}
            for key, issue in reversed(self.issues.items())
            if all(_meets(issue, *each) for each in wanted if not self.lagging or each[1] == "=")
        ]
        return Reply(200, {"issues": found, "isLast": True})


def _status(name: str) -> dict[str, Any]:
    return {"name": name, "statusCategory": {"key": _STATUSES[name]}}


def _wrong(status: int, message: str) -> Reply:
    return Reply(status, {"errorMessages": [message], "errors": {}})


def _bad(field: str, message: str) -> Reply:
    return Reply(400, {"errorMessages": [], "errors": {field: message}})


def wrong_fields(fields: dict[str, Any]) -> dict[str, str]:
    errors: dict[str, str] = {}
    summary, text = fields.get("summary"), fields.get("description", "")
    if not isinstance(summary, str) or not summary:
        errors["summary"] = "You must specify a summary of the issue."
    elif len(summary) > SUMMARY:
        errors["summary"] = "Summary must be less than 255 characters."
    elif "\n" in summary:
        errors["summary"] = "The summary is invalid because it contains newline characters."
    if not isinstance(text, str) or len(text) > TEXT:
        errors["description"] = "The entered text is too long."
    for label in fields.get("labels", ()):
        if re.search(r"\s", label) or len(label) > LABEL:
            errors["labels"] = f"The label '{label}' contains spaces which is invalid."
    known = {"project", "issuetype", "summary", "description", "labels", "priority", "assignee"}
    for name in set(fields) - known:
        errors[name] = f"Field '{name}' cannot be set."
    return errors


def _parse(jql: str) -> list[tuple[str, str, str]] | None:
    """`field = "value"` with AND between them, and an ORDER BY; None if it is anything else."""
    text, _, order = jql.partition(" ORDER BY ")
    if order not in ("", "created DESC"):
        return None
    tokens, at = [], 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None:
            return None
        tokens.append(found[1])
        at = found.end()
    clauses: list[tuple[str, str, str]] = []
    for index in range(0, len(tokens), 4):
        match tokens[index : index + 4]:
            case [name, "=" | "!=" as operator, value, *rest] if rest in ([], ["AND"]):
                clauses.append((name, operator, re.sub(r"\\(.)", r"\1", value.strip('"'))))
            case _:
                return None
    return clauses


def _meets(issue: dict[str, Any], name: str, operator: str, value: str) -> bool:
    fields = issue["fields"]
    match name:
        case "project":
            same = fields["project"]["key"] == value
        case "labels":
            same = value in fields["labels"]
        case "statusCategory":
            same = fields["status"]["statusCategory"]["key"] == value.lower()
        case _:
            raise AssertionError(name)
    return same == (operator == "=")
