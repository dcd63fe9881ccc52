"""A server may be asked for several backups at once, while workflows run."""

import sqlite3
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from orchestrate.app import open_app
from orchestrate.embedded.backup import back_up


def test_backups_at_once_are_each_whole(tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    with open_app(tmp_path, {}).open_engine() as engine:
        engine.store.data_version()
    database = tmp_path / ".orchestrate/orchestrate.db"
    with closing(sqlite3.connect(database)) as store, store:
        store.execute("CREATE TABLE ballast (number, data)")
        rows = [(number,) for number in range(2000)]
        store.executemany("INSERT INTO ballast VALUES (?, randomblob(1000))", rows)
    done = threading.Event()

    def go_on() -> None:
        changed = "UPDATE ballast SET data = randomblob(1500), number = number + 1 WHERE number % 7"
        with closing(sqlite3.connect(database, timeout=120)) as store:
            while not done.wait(0.01):
                with store:
                    store.execute(f"{changed} = 3")

    def back_up_as(name: str) -> str:
        app = open_app(tmp_path, {})
        with app.open_engine() as engine:
            back_up(engine.store, tmp_path / f"{name}.tar.gz", app.author)
        with tarfile.open(tmp_path / f"{name}.tar.gz") as archive:
            archive.extract("orchestrate.db", tmp_path / name, filter="data")
        with closing(sqlite3.connect(tmp_path / name / "orchestrate.db")) as found:
            return str(found.execute("PRAGMA integrity_check").fetchone()[0])

    writing = threading.Thread(target=go_on)
    writing.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(back_up_as, "abcd")) == ["ok"] * 4
    finally:
        done.set()
        writing.join()
