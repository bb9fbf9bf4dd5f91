"""The office of the demonstration: a planner who works over the server's own HTTP addresses."""

from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from cmms_desktop.credentials.device_key import DeviceSigner
from cmms_desktop.demo.server import Account
from cmms_desktop.errors import Refused
from cmms_desktop.version import app_version
from sync_server.contract.fields import Row, Scalar
from sync_server.contract.rules.chain import proof_input


class Office:
    """A signed-in planner."""

    def __init__(self, url: str, organization: str, account: Account) -> None:
        """Sign in with a key of his own."""
        signer = DeviceSigner.generate(str(uuid4()))
        self._http = httpx.Client(base_url=url, timeout=30)
        device = {
            "id": signer.device_id,
            "public_key": signer.public_key,
            "name": "Office",
            "app_version": app_version(),
        }
        answer = self._send(
            "POST",
            "/v1/sign-in",
            {"organization": organization, "login": account.login, "password": account.password, "device": device},
        )
        token = answer["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        self._http.headers["Device-Proof"] = signer.sign_text(proof_input(token))

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self._http.close()

    def edit(self, order_id: str, **changes: tuple[Scalar, Scalar]) -> None:
        """Change fields of an order: name=(old value, new value)."""
        self._send("PATCH", f"/v1/office/work-orders/{order_id}", {"set": changes})

    def assign(self, order_id: str, person_id: str) -> None:
        """Give an order to a person, and to nobody else."""
        self._send("POST", f"/v1/office/work-orders/{order_id}/assignment", {"person_id": person_id})

    def join_team(self, team_id: str, person_id: str) -> None:
        """Put a person into a team."""
        self._send("POST", f"/v1/office/teams/{team_id}/members", {"person_id": person_id})

    def order(self, order_id: str) -> dict[str, list[Row]]:
        """Give the rows of an order as the server has them, by entity."""
        found: dict[str, list[Row]] = self._send("GET", f"/v1/office/work-orders/{order_id}")
        return found

    def orders(self, *, status: str | None = None, after: str | None = None) -> list[Row]:
        """List orders by number, at most 500 after a number."""
        wanted = {"limit": 500, "status": status, "after": after}
        found: list[Row] = self._send(
            "GET", "/v1/office/work-orders", params={name: value for name, value in wanted.items() if value is not None}
        )
        return found

    def _send(self, method: str, path: str, body: object = None, params: dict[str, Any] | None = None) -> Any:
        response = self._http.request(method, path, json=body, params=params)
        if response.is_success:
            return response.json()
        problem = response.json()
        raise Refused(problem["code"], problem.get("detail") or problem["title"])
