"""Signing in and out."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import post
from litestar.params import HeaderParameter, JSONBody

from sync_server.contract.messages import RefreshRequest, SessionAnswer, SignInRequest
from sync_server.http.described import refusals
from sync_server.http.services import ServicesHere

ProofHere = Annotated[str, HeaderParameter(name="Device-Proof", description="Made over the refresh token.")]
SIGNING_IN = refusals("sign_in_failed", "device_revoked", "code_needed", is_open=True)
STAYING = refusals("session_expired", "device_revoked", is_open=True)


@post("/v1/sign-in", status_code=200, sync_to_thread=True, responses=SIGNING_IN)
def sign_in(data: JSONBody[SignInRequest], services: ServicesHere) -> SessionAnswer:
    """Start a session and enrol the device."""
    return services.sessions.sign_in(data, at=datetime.now(UTC))


@post("/v1/refresh", status_code=200, sync_to_thread=True, responses=STAYING)
def refresh(data: JSONBody[RefreshRequest], services: ServicesHere, device_proof: ProofHere = "") -> SessionAnswer:
    """Change a refresh token for the next one; `Device-Proof` is made over the refresh token."""
    return services.sessions.refresh(data, proof=device_proof, at=datetime.now(UTC))


@post("/v1/sign-out", status_code=204, sync_to_thread=True, responses=STAYING)
def sign_out(data: JSONBody[RefreshRequest], services: ServicesHere, device_proof: ProofHere = "") -> None:
    """End a session; `Device-Proof` as for a refresh."""
    services.sessions.sign_out(data, proof=device_proof, at=datetime.now(UTC))
