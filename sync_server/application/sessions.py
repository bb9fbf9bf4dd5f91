"""Signing in, staying signed in, signing out. Works under the authn role, the only one that sees credentials."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from sync_server.application import enrolling
from sync_server.application.enrolling import OpenCode
from sync_server.application.organizations import credential_set, set_by_himself, still_counts
from sync_server.application.tenants.suspending import require_working
from sync_server.authz.claims import REVOKED
from sync_server.authz.passwords import Passwords, delay_after
from sync_server.authz.tokens import (
    REFRESH_LIFE,
    Access,
    AccessTokens,
    digest,
    make_refresh,
    proves,
    read_refresh,
)
from sync_server.contract.column_types import instant_text
from sync_server.contract.messages import RefreshRequest, SessionAnswer, SignInRequest
from sync_server.errors import Refused, SessionExpired
from sync_server.storage import activity_log
from sync_server.storage.engine import Database

FAILED = "Organization, name or password is wrong. After several wrong tries wait some minutes."
NOBODYS = str(uuid.UUID(int=0))
"""Stands for an organization or a person that is not there: the same is asked as of one that is, and takes as long."""
OVER = "The session is over. Sign in again; nothing on this device is lost."


@dataclass(frozen=True, slots=True)
class Credential:
    """What is stored of a person who may sign in."""

    person_id: str
    password_hash: str
    security_stamp: str
    failed_attempts: int
    not_before: datetime | None
    role: str


@dataclass(frozen=True, slots=True)
class Sessions:
    """The door: everything it needs, put together once."""

    database: Database
    tokens: AccessTokens
    passwords: Passwords
    server_public_key: str

    def sign_in(self, request: SignInRequest, *, at: datetime) -> SessionAnswer:
        """Check a password, enrol the device when it is new, and start a session. Same answer for all that is wrong.

        An enrolment code stands beside the password; one that was made for it stands in its place, and the password
        that came with it is his from then on (D-260). Nobody hears of a code who did not prove himself otherwise.
        Who proves himself by his password may bring the next one (D-269).
        """
        organization_id = self._organization(request.organization)
        credential = self._credential(organization_id or NOBODYS, request.login)
        is_right = self.passwords.matches(credential.password_hash if credential else None, request.password)
        person_id = credential.person_id if credential else NOBODYS
        code = self._code(organization_id or NOBODYS, person_id, request, at) if request.enrolment_code else None
        if organization_id is None or credential is None or _has_to_wait(credential, at):
            self._note_failure(organization_id or NOBODYS, NOBODYS, at)
            raise Refused("sign_in_failed", FAILED)
        if not is_right and not (code is not None and code.sets_password):
            self._note_failure(organization_id, credential.person_id, at)
            raise Refused("sign_in_failed", FAILED)
        try:
            return self._start(organization_id, credential, request, code=code, is_right=is_right, at=at)
        except Refused as refused:
            if refused.code == enrolling.NEEDED and request.enrolment_code:  # guessing codes waits as passwords do
                self._note_failure(organization_id, credential.person_id, at)
            raise

    def _start(
        self,
        organization_id: str,
        credential: Credential,
        request: SignInRequest,
        *,
        code: OpenCode | None,
        is_right: bool,
        at: datetime,
    ) -> SessionAnswer:
        """Enrol the device of somebody who has proven himself, and begin its session; all or nothing."""
        with self.database.transaction("authn", organization_id) as connection:
            require_working(connection, organization_id)
            if not still_counts(connection, organization_id, credential.person_id, stamp=credential.security_stamp):
                raise Refused("sign_in_failed", FAILED)
            enrolled = enrolling.enrol(
                connection,
                organization_id,
                credential.person_id,
                request.device,
                code=code,
                has_typed=bool(request.enrolment_code),
                at=at,
            )
            chosen = request.new_password if is_right else request.password
            stamp = self._settle(connection, organization_id, credential, request.password, chosen=chosen)
            session_id = str(uuid.uuid4())
            refresh, refresh_hash = make_refresh(organization_id, session_id)
            connection.execute(
                "insert into user_session (organization_id, id, person_id, device_id, refresh_hash, created_at,"
                " rotated_at, expires_at, security_stamp) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    organization_id,
                    session_id,
                    credential.person_id,
                    request.device.id,
                    refresh_hash,
                    at,
                    at,
                    at + REFRESH_LIFE,
                    stamp,
                ),
            )
            recovery_key = _recovery_key(connection, organization_id)
            is_set = [] if chosen is None else [credential_set(credential.person_id)]
            activity_log.append(connection, [*is_set, *([enrolled] if enrolled is not None else [])])
        access = Access(organization_id, credential.person_id, request.device.id)
        answer = self._answer(access, credential.role, refresh, at, recovery_key)
        return msgspec.structs.replace(answer, password_set=chosen is not None)

    def refresh(self, request: RefreshRequest, *, proof: str, at: datetime) -> SessionAnswer:
        """Change a refresh token for the next.

        The token before the current one still counts, with the device's proof: its answer was lost on the way, and
        is given again. Anything older was copied: the whole session ends.
        """
        organization_id, session_id = read_refresh(request.refresh_token)
        presented = digest(request.refresh_token)
        text, following = self.tokens.next_refresh(request.refresh_token)
        with self.database.transaction("authn", organization_id) as connection:
            session = connection.execute(
                "select s.person_id::text, s.device_id::text, s.refresh_hash, s.previous_hash, d.public_key, p.role"
                " from user_session s join device d on d.organization_id = s.organization_id and d.id = s.device_id"
                " join person p on p.organization_id = s.organization_id and p.id = s.person_id"
                " join user_credential c on c.organization_id = s.organization_id and c.person_id = s.person_id"
                " where s.organization_id = %s and s.id = %s and s.revoked_at is null and s.expires_at > %s"
                " and d.revoked_at is null and p.is_active and p.deleted_at is null"
                " and c.security_stamp = s.security_stamp for update of s",
                (organization_id, session_id, at),
            ).fetchone()
            if session is None:
                _require_standing(connection, organization_id, session_id, request.refresh_token, proof)
                raise SessionExpired(OVER)
            person_id, device_id, current, previous, public_key, role = session
            if not proves(request.refresh_token, proof, public_key):
                raise SessionExpired(OVER)  # a copied token without its device's key tells nothing and ends nothing
            is_known = presented in (bytes(current), bytes(previous or b""))
            connection.execute(
                "update user_session set refresh_hash = %s, previous_hash = %s, rotated_at = %s, expires_at = %s,"
                " revoked_at = %s where organization_id = %s and id = %s",
                (following, presented, at, at + REFRESH_LIFE, None if is_known else at, organization_id, session_id),
            )
            recovery_key = _recovery_key(connection, organization_id)
        if not is_known:
            raise SessionExpired(OVER)
        return self._answer(Access(organization_id, person_id, device_id), role, text, at, recovery_key)

    def sign_out(self, request: RefreshRequest, *, proof: str, at: datetime) -> None:
        """End the session of a refresh token, when its device asks. Never touches what the device still has to send."""
        organization_id, session_id = read_refresh(request.refresh_token)
        with self.database.transaction("authn", organization_id) as connection:
            session = connection.execute(
                "select d.public_key from user_session s"
                " join device d on d.organization_id = s.organization_id and d.id = s.device_id"
                " where s.organization_id = %s and s.id = %s and %s in (s.refresh_hash, s.previous_hash)",
                (organization_id, session_id, digest(request.refresh_token)),
            ).fetchone()
            if session is not None and proves(request.refresh_token, proof, session[0]):
                connection.execute(
                    "update user_session set revoked_at = %s where organization_id = %s and id = %s",
                    (at, organization_id, session_id),
                )

    def _answer(self, access: Access, role: str, refresh: str, at: datetime, recovery_key: str | None) -> SessionAnswer:
        token, ends_at = self.tokens.issue(access, at=at)
        return SessionAnswer(
            organization_id=access.organization_id,
            person_id=access.person_id,
            role=role,
            device_id=access.device_id,
            access_token=token,
            access_expires_at=instant_text(ends_at),
            refresh_token=refresh,
            server_time=instant_text(datetime.now(UTC)),
            recovery_public_key=recovery_key,
            server_public_key=self.server_public_key,
        )

    def _organization(self, name: str) -> str | None:
        """Find an organization by its slug or one of its mail domains; both are asked whatever it is called."""
        text = name[:254] if "\0" not in name else ""  # no slug and no domain is as long, none is empty
        with self.database.transaction("authn", None) as connection:
            found = connection.execute(
                "select coalesce(s.id, d.id)::text from organization_by_slug(%s) as s(id),"
                " organization_by_domain(%s) as d(id)",
                (text, text.lower()),
            ).fetchone()
        return found[0] if found else None

    def _credential(self, organization_id: str, login: str) -> Credential | None:
        with self.database.transaction("authn", organization_id) as connection:
            found = connection.execute(
                "select c.person_id::text, c.password_hash, c.security_stamp::text, c.failed_attempts, c.not_before,"
                " p.role from user_credential c"
                " join person p on p.organization_id = c.organization_id and p.id = c.person_id"
                " where c.organization_id = %s and lower(c.login) = lower(%s) and p.is_active"
                " and p.deleted_at is null",
                (organization_id, login[:201] if "\0" not in login else ""),
            ).fetchone()
        return Credential(*found) if found else None

    def _code(self, organization_id: str, person_id: str, request: SignInRequest, at: datetime) -> OpenCode | None:
        with self.database.transaction("authn", organization_id) as connection:
            return enrolling.open_code(connection, organization_id, person_id, typed=request.enrolment_code, at=at)

    def _note_failure(self, organization_id: str, person_id: str, at: datetime) -> None:
        """Count a wrong password, and those that were tried at the same time; the next try waits accordingly.

        Nobody waits for the disk: how long that takes would tell whether there was a counter to be raised (D-197).
        """
        with self.database.transaction("authn", organization_id) as connection:
            connection.execute("set local synchronous_commit = off")
            counted = connection.execute(
                "update user_credential set failed_attempts = failed_attempts + 1"
                " where organization_id = %s and person_id = %s returning failed_attempts",
                (organization_id, person_id),
            ).fetchone()
            connection.execute(
                "update user_credential set not_before = greatest(not_before, %s)"
                " where organization_id = %s and person_id = %s",
                (at + delay_after(counted[0] if counted else 0), organization_id, person_id),
            )

    def _settle(
        self,
        connection: Connection[TupleRow],
        organization_id: str,
        credential: Credential,
        password: str,
        *,
        chosen: str | None,
    ) -> str:
        """Forget wrong tries, and keep the password that he has chosen (None: none); give the security stamp."""
        if chosen is not None:
            return set_by_himself(
                connection, organization_id, credential.person_id, password=chosen, passwords=self.passwords
            )
        is_outdated = self.passwords.is_outdated(credential.password_hash)
        connection.execute(
            "update user_credential set failed_attempts = 0, not_before = null, password_hash = %s"
            " where organization_id = %s and person_id = %s",
            (
                self.passwords.hash(password) if is_outdated else credential.password_hash,
                organization_id,
                credential.person_id,
            ),
        )
        return credential.security_stamp


def _require_standing(
    connection: Connection[TupleRow], organization_id: str, session_id: str, token: str, proof: str
) -> None:
    """Tell a device that proves itself that it was revoked, or its person dismissed: signing in would not help it."""
    found = connection.execute(
        "select d.public_key from user_session s"
        " join device d on d.organization_id = s.organization_id and d.id = s.device_id"
        " join person p on p.organization_id = s.organization_id and p.id = s.person_id"
        " where s.organization_id = %s and s.id = %s"
        " and (d.revoked_at is not null or not p.is_active or p.deleted_at is not null)",
        (organization_id, session_id),
    ).fetchone()
    if found is not None and proves(token, proof, found[0]):
        raise Refused("device_revoked", REVOKED)


def _has_to_wait(credential: Credential, at: datetime) -> bool:
    """Whether tries are not looked at yet. Nobody is told: it would say that the name exists."""
    return credential.not_before is not None and credential.not_before > at


def _recovery_key(connection: Connection[TupleRow], organization_id: str) -> str | None:
    found = connection.execute("select recovery_public_key from organization where id = %s", (organization_id,))
    row = found.fetchone()
    return row[0] if row else None
