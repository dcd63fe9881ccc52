"""What Slack says no with: whether it passes, and what to do about it."""

from orchestrate.integrations.service import Refused, RetryLater

_PASSING = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "rollup_error",
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
}
_HINTS = {
    "invalid_auth": "the token is not valid: copy the “Bot User OAuth Token” (xoxb-…) of the app "
    "again, under OAuth & Permissions",
    "not_authed": "no token arrived: look at `token`",
    "token_revoked": "the token was revoked: install the app again and take its new token",
    "token_expired": "the token has expired: take a new one, or switch token rotation off",
    "account_inactive": "the app was removed from the workspace: install it again",
    "channel_not_found": "there is no such channel, or it is private and the bot is not in it: "
    "`/invite` the bot, and name the channel by its id",
    "not_in_channel": "the bot is not in the channel: `/invite` it there, or give the app the "
    "scope chat:write.public",
    "is_archived": "the channel is archived: name another one",
    "channel_is_archived": "the channel is archived: make a webhook for another one",
    "restricted_action": "the workspace does not let the app post there: ask its administrators",
    "action_prohibited": "the workspace does not let the webhook post there: ask its "
    "administrators",
    "no_service": "the webhook was removed: make a new one, under Incoming Webhooks of the app",
    "no_active_hooks": "webhooks of the app are switched off: switch Incoming Webhooks on",
    "no_team": "the workspace of the webhook is gone: make one in another",
    "invalid_token": "the webhook's address is not complete: copy it again",
    "user_not_found": "the person of the webhook is gone: make a new webhook",
}


def refusal(
    code: str, status: int, after: float | None, needed: str = ""
) -> "RetryLater | Refused":
    """What an answer that is not `ok` means. `needed`: the scope that the token lacks."""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return RetryLater(after, "Slack asks for patience: too many messages")
    if status >= 500 or code in _PASSING:
        return RetryLater(after, f"Slack has trouble ({code if _is_code(code) else status})")
    if code == "missing_scope":
        return Refused(
            f"Slack refuses: the token lacks the scope {needed or 'chat:write'}: add it to the app "
            "under OAuth & Permissions, and install the app again"
        )
    if code in _HINTS:
        return Refused(f"Slack refuses ({code}): {_HINTS[code]}")
    if status < 400 and not _is_code(code):
        return RetryLater(None, "what answers in Slack's place is not Slack")
    return Refused(f"Slack refuses ({code if _is_code(code) else status})")


def _is_code(code: str) -> bool:
    return 0 < len(code) < 60 and code.replace("_", "").isalnum() and code.islower()
