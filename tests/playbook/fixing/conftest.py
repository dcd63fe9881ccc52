from collections.abc import Callable

import pytest

from orchestrate.playbook.compile import Compilation, check_playbook
from orchestrate.playbook.fixing.repairing import Repaired, repair


@pytest.fixture
def repair_text() -> Callable[..., Repaired]:
    """Repairs a playbook given as text or bytes; `others` are the sub-playbooks by name."""

    def repair_it(
        text: str | bytes, others: dict[str, str] | None = None, **options: object
    ) -> Repaired:
        def load(name: str) -> tuple[str, bytes] | None:
            found = (others or {}).get(name)
            return None if found is None else (f"{name}.yaml", found.encode())

        def check(content: bytes) -> Compilation:
            return check_playbook("t.yaml", content, load, known=tuple(others or ()))

        content = text if isinstance(text, bytes) else text.encode()
        return repair("t.yaml", content, check, **options)  # type: ignore[arg-type]

    return repair_it


@pytest.fixture
def repaired(repair_text: Callable[..., Repaired]) -> Callable[..., str]:
    """The repaired text."""

    def repair_it(text: str, others: dict[str, str] | None = None, **options: object) -> str:
        return repair_text(text, others, **options).text.decode()

    return repair_it
