"""Requests that a server which ends does not wait for any longer."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAID = "the daemon ended before there was an answer"


async def answered(
    application: ASGIApp, scope: Scope, receive: Receive, send: Send, otherwise: ASGIApp
) -> None:
    """Have a request answered; if uvicorn gives it up before that has begun, by `otherwise`."""
    begun = False

    async def sending(message: Message) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await application(scope, receive, sending)
    except asyncio.CancelledError:
        if not begun:
            await otherwise(scope, receive, send)
