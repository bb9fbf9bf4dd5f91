"""Signing in and out."""

from datetime import UTC, datetime

from litestar import post
from litestar.params import JSONBody

from sync_server.contract.messages import RefreshRequest, SessionAnswer, SignInRequest
from sync_server.http.services import HttpRequest, ServicesHere


@post("/v1/sign-in", status_code=200, sync_to_thread=True)
def sign_in(data: JSONBody[SignInRequest], services: ServicesHere) -> SessionAnswer:
    """Start a session and enrol the device."""
    return services.sessions.sign_in(data, at=datetime.now(UTC))


@post("/v1/refresh", status_code=200, sync_to_thread=True)
def refresh(data: JSONBody[RefreshRequest], request: HttpRequest, services: ServicesHere) -> SessionAnswer:
    """Change a refresh token for the next one; `Device-Proof` is made over the refresh token."""
    return services.sessions.refresh(data, proof=request.headers.get("device-proof", ""), at=datetime.now(UTC))


@post("/v1/sign-out", status_code=204, sync_to_thread=True)
def sign_out(data: JSONBody[RefreshRequest], request: HttpRequest, services: ServicesHere) -> None:
    """End a session; `Device-Proof` as for a refresh."""
    services.sessions.sign_out(data, proof=request.headers.get("device-proof", ""), at=datetime.now(UTC))
