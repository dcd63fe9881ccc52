"""Why an operation was not done."""


class InfraError(Exception):
    """An operation failed or was refused; the message is for the person who asked for it.

    `usage`: the call itself is wrong, nothing was tried (exit code 2 instead of 1).
    """

    def __init__(self, message: str, *, usage: bool = False) -> None:
        super().__init__(message)
        self.usage = usage
