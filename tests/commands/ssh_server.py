"""A real SSH server on loopback: `python ssh_server.py DIRECTORY` prints its port, then serves.

It accepts one key and runs each command with /bin/sh in DIRECTORY/home, as sshd does. A process of
its own, so that its sockets and pipes do not mix with those of the tests.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncssh


async def serve(directory: Path) -> None:
    client = asyncssh.generate_private_key("ssh-ed25519")
    host = asyncssh.generate_private_key("ssh-ed25519")
    client.write_private_key(str(directory / "id"))
    (directory / "id").chmod(0o600)
    client.write_public_key(str(directory / "authorized_keys"))
    home = directory / "home"
    home.mkdir()

    async def run(process: Any) -> None:
        # Not asyncio's own: that waits for the pipes too, and a daemon may hold these.
        shell = subprocess.Popen(
            ["/bin/sh", "-c", process.command],
            cwd=home,
            env={"PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        await process.redirect(
            stdin=shell.stdin, stdout=shell.stdout, stderr=shell.stderr, send_eof=False
        )
        process.exit(await asyncio.to_thread(shell.wait))

    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host],
        authorized_client_keys=str(directory / "authorized_keys"),
        process_factory=run,
        encoding=None,
    )
    port = acceptor.get_port()
    public = host.export_public_key().decode().strip()
    (directory / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}\n")
    print(port, flush=True)
    await acceptor.wait_closed()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
