"""What an administrator does with rescue files: make the key they are sealed to, and take them over."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sync_server.app import blob_store
from sync_server.application.recovery_keys import make_recovery_key
from sync_server.application.rescue import TakenOver, read_rescue, take_over
from sync_server.application.sealed import take_over_sealed
from sync_server.authz import recovery
from sync_server.cli.administration import known_organization
from sync_server.cli.databases import ready_database
from sync_server.cli.parsing import lines_of
from sync_server.config import ServerSettings
from sync_server.contract.rescue import KeptChange, Manifest
from sync_server.contract.rules.profile import TRAINING
from sync_server.errors import Refused

Answer = tuple[dict[str, object], str]


def make_key(slug: str, private_key_file: Path, *, replace: bool) -> Answer:
    """Make an organization's recovery key."""
    with ready_database(ServerSettings.from_environment()) as (database, _):
        public = make_recovery_key(database, known_organization(database, slug), private_key_file, replace=replace)
    sentence = (
        f"The private key is in {private_key_file}. Keep it away from the server: it opens every rescue file of {slug}."
    )
    return {"public_key": public, "private_key_file": str(private_key_file)}, sentence


def import_rescue(path: Path, slug: str, *, private_key_file: Path, dry_run: bool, past_gaps: bool) -> Answer:
    """Take a rescue file over, or only say what is in it."""
    private_key = recovery.read_private_key(private_key_file)
    contents = read_rescue(path, private_key)
    if contents.manifest is None:
        raise Refused("bad_request", recovery.DAMAGED)
    if dry_run:
        return _described(contents.manifest, 0, {}), _sentence(contents.manifest, "holds")
    settings = ServerSettings.from_environment()
    with ready_database(settings) as (database, _):
        organization_id = known_organization(database, slug)
        store = blob_store(settings)
        taken = take_over(database, organization_id, path, private_key=private_key, store=store, past_gaps=past_gaps)
    return _answer(contents.manifest, taken)


def import_sealed(slug: str, *, private_key_file: Path, shows_again: bool, past_gaps: bool) -> Answer:
    """Take over everything that devices have handed in sealed; tell what of it cannot be applied, on wish again."""
    private_key = recovery.read_private_key(private_key_file)
    settings = ServerSettings.from_environment()
    with ready_database(settings) as (database, _):
        organization_id = known_organization(database, slug)
        store = blob_store(settings)
        taken = take_over_sealed(
            database,
            organization_id,
            private_key=private_key,
            store=store,
            shows_again=shows_again,
            past_gaps=past_gaps,
        )
    sentences = [
        f"{_counted_of(taken.outboxes, 'sealed outbox', 'sealed outboxes')} taken over.",
        f"Verdicts: {_counted(taken.verdicts)}. Files stored: {taken.files}.",
    ]
    sentences += [f"One stays as it is: {reason}" for reason in taken.failed]
    if taken.failed:
        stay = _counted_of(len(taken.failed), "sealed outbox stays", "sealed outboxes stay")
        sentences.append(f"{stay}, untouched; run this again when the reason is gone.")
    return msgspec.to_builtins(taken), _with_kept(sentences, taken.kept)


def _answer(manifest: Manifest, taken: TakenOver) -> Answer:
    sentences = [_sentence(manifest, "held"), f"Verdicts: {_counted(taken.verdicts)}. Files stored: {taken.files}."]
    answer = _described(manifest, taken.files, taken.verdicts)
    answer |= {"kept": msgspec.to_builtins(taken.kept)}
    return answer, _with_kept(sentences, taken.kept)


def _with_kept(sentences: list[str], kept: Sequence[KeptChange]) -> str:
    """Tell what cannot be applied, a change a line: devices and people wrote it, so it rules no terminal."""
    if not kept:
        return " ".join(sentences)
    told = [*sentences, f"{_counted_of(len(kept), 'change')} in it cannot be applied:"]
    lines = (" ".join(filter(None, (each.state, each.reason or each.code, each.body))) for each in kept)
    plain = ("".join(c if c.isprintable() else " " for c in line) for line in lines)
    return lines_of((" ".join(told), *plain))


def _described(manifest: Manifest, files: int, verdicts: dict[str, int]) -> dict[str, object]:
    return {"manifest": msgspec.to_builtins(manifest), "files_stored": files, "verdicts": verdicts}


def _sentence(manifest: Manifest, verb: str) -> str:
    missing = f"; {_counted_of(len(manifest.missing), 'file')} missing on the device" if manifest.missing else ""
    what = f"{_counted_of(manifest.changes, 'unsent change')} and {_counted_of(manifest.files, 'file')}{missing}"
    training = f" {TRAINING}" if manifest.training else ""
    return f"The file of {manifest.made_at[:16]} {verb} {what}.{training}"


def _counted_of(number: int, what: str, many: str = "") -> str:
    return f"{number} {what}" if number == 1 else f"{number} {many or what + 's'}"


def _counted(verdicts: dict[str, int]) -> str:
    return ", ".join(f"{count} {status}" for status, count in sorted(verdicts.items())) or "none"
