"""Signed checkpoints: what nobody can forge without the key."""

from collections.abc import Iterator

import pytest
from embedded.audited_site import ADA, AuditedSite

from orchestrate.embedded import backup, database
from orchestrate.embedded.auditing import signatures, signing
from orchestrate.embedded.schedules import StoredSchedules
from orchestrate.errors import UsageError
from orchestrate.launching.signing import PublicKey, Seal, make_key


@pytest.fixture
def site(project) -> Iterator[AuditedSite]:
    return AuditedSite(project)


@pytest.fixture
def seal(tmp_path) -> Seal:
    make_key(tmp_path / "key.pem")
    return Seal(tmp_path / "key.pem", tmp_path / "far" / "checkpoints.jsonl")


def checked(site: AuditedSite, seal: Seal) -> signatures.Checked:
    key = PublicKey.read(seal.key.with_name("key.pem.pub"))
    return site.opened(lambda store: signatures.check(store, seal.file, key))


def test_a_signed_checkpoint_fits(site, seal):
    site.opened(lambda store: signing.sign(store, seal, ADA))
    site.opened(lambda store: signing.sign(store, seal, ADA))
    found = checked(site, seal)
    assert (found.amount, found.findings) == (2, ())
    assert site.findings() == []
    assert seal.key.stat().st_mode & 0o777 == 0o600


def test_a_group_that_shares_the_state_shares_the_checkpoints(site, seal, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    there = seal._replace(file=shared / "audit" / "checkpoints.jsonl")
    site.opened(lambda store: signing.sign(store, there, ADA))
    site.opened(lambda store: signing.sign(store, seal, ADA))
    assert (shared / "audit").stat().st_mode & 0o7777 == 0o2770
    assert there.file.stat().st_mode & 0o777 == 0o660
    assert seal.file.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_kept_is_not_told_as_signed(site, seal):
    with pytest.raises(UsageError, match="cannot be written"):
        site.opened(
            lambda store: signing.sign(store, seal._replace(file=site.state / "sockets"), ADA)
        )
    assert (
        site.opened(
            lambda store: store.read("SELECT 1 FROM actions WHERE action = 'checkpoint_signed'")
        )
        == []
    )


def test_an_older_store_in_its_place_does_not_fit_it(site, seal):
    older = (site.state / database.FILE).read_bytes()
    site.opened(lambda store: signing.sign(store, seal, ADA))
    (site.state / database.FILE).write_bytes(older)
    assert site.findings() == []
    (finding,) = checked(site, seal).findings
    assert finding.kind == "replaced"
    assert "it is older, or its end is missing" in finding.message
    for _ in range(3):
        site.opened(
            lambda store: StoredSchedules(store, ADA).enable("nightly", enabled=True, now=1)
        )
        site.opened(
            lambda store: StoredSchedules(store, ADA).enable("nightly", enabled=False, now=1)
        )
    (finding,) = checked(site, seal).findings
    assert "the store was replaced, or forged" in finding.message


def test_a_line_that_was_changed_or_removed_is_found(site, seal):
    site.opened(lambda store: signing.sign(store, seal, ADA))
    text = seal.file.read_text()
    seal.file.write_text(text.replace('"number": ', '"number": 1'))
    assert "was not signed with this key" in checked(site, seal).findings[0].message
    seal.file.write_text("nonsense\n")
    said = [f.message for f in checked(site, seal).findings]
    assert "is no checkpoint" in said[0]
    assert "is not in" in said[1]


def test_a_restore_that_was_signed_since_explains_why_others_do_not_fit(site, seal, tmp_path):
    archive = tmp_path / "backup.tar.gz"
    site.opened(lambda store: backup.back_up(store, archive, ADA))
    site.opened(lambda store: signing.sign(store, seal, ADA))
    backup.restore(site.state, None, archive, ADA, force=True)
    assert site.findings() == []
    assert [f.kind for f in checked(site, seal).findings] == ["replaced"]
    site.opened(lambda store: signing.sign(store, seal, ADA))
    assert checked(site, seal).findings == ()
