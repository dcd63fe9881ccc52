"""Have Temporal's SDK download the development server: `download_temporal.py FILE VERSION`."""

import asyncio
import os
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment


async def download(file: Path, version: str) -> None:
    """Put the program there. The SDK downloads it when it starts one. Raises RuntimeError."""
    with tempfile.TemporaryDirectory() as folder:
        running = await WorkflowEnvironment.start_local(
            download_dest_dir=folder,
            dev_server_download_version=version,
            dev_server_startup_timeout=timedelta(minutes=1),
        )
        await running.shutdown()
        found = next(each for each in Path(folder).iterdir() if os.access(each, os.X_OK))
        fresh = file.with_name(f"{file.name}.new")
        shutil.copy2(found, fresh)
        fresh.replace(file)


if __name__ == "__main__":
    try:
        asyncio.run(download(Path(sys.argv[1]), sys.argv[2]))
    except RuntimeError as error:
        sys.exit(f"setup: {error}")
