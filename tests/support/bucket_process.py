"""An S3 server of moto's as a process of its own, on a free port of this machine. Started by `bucket.py`.

Says its port, then does what the lines that it reads say: `away` closes the port, `back` opens it again with everything
that was stored. Anything else, or the end of the input, ends it.
"""

import logging
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

HOST = "127.0.0.1"


class OneRequest(WSGIRequestHandler):
    """No kept-alive connections, which would outlive a closed port."""

    protocol_version = "HTTP/1.0"


def opened(port: int) -> BaseWSGIServer:
    """Listen, in a thread."""
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server(HOST, port, app, threaded=True, request_handler=OneRequest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def closed(server: BaseWSGIServer) -> None:
    """Listen no more."""
    server.shutdown()
    server.server_close()


def main() -> None:
    """Serve until told to end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = opened(0)
    port = server.port
    print(port, flush=True)
    for line in sys.stdin:
        if line.strip() == "away":
            closed(server)
        elif line.strip() == "back":
            server = opened(port)
        else:
            return
        print("done", flush=True)


if __name__ == "__main__":
    main()
