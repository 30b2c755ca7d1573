"""A server of data sets on this machine, which can be slow, broken or lie."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from convviz.data.known.catalogue import KnownFile
from tests.support.patience import PATIENCE


@dataclass
class Server:
    """A server on this machine.

    Parameters
    ----------
    url : str
    files : dict
        Path → contents.
    manner : str
        ``honest``, ``truncated``, ``corrupted``, ``failing``, ``missing``, ``redirecting``, ``silent``, or ``broken
        once``, which cuts the first answer to each file.
    asked : list of (path, range)
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    manner: str = "honest"
    asked: list[tuple[str, str]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)


def serving() -> Iterator[Server]:
    """A server, until the generator is closed or used up."""
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            span = self.headers.get("Range", "")
            served.asked.append((self.path, span))
            path, manner = self.path, served.manner
            if manner == "failing":
                self.send_error(503)
                return
            if manner == "missing" or path.removeprefix("/there") not in served.files:
                self.send_error(404)
                return
            if manner == "redirecting" and not path.startswith("/there"):
                self.send_response(302)
                self.send_header("Location", f"/there{path}")
                self.end_headers()
                return
            whole = served.files[path.removeprefix("/there")]
            start = int(span.removeprefix("bytes=").removesuffix("-")) if span else 0
            if start >= len(whole):
                self.send_error(416)
                return
            body = whole[start:]
            self.send_response(206 if span else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            first = sum(asked == path for asked, _ in served.asked) == 1
            if manner == "truncated" or (manner == "broken once" and first):
                body = body[: len(body) // 2]
                self.close_connection = True
            elif manner == "corrupted":
                body = bytes([body[0] ^ 1]) + body[1:]
            elif manner == "silent":
                self.wfile.write(body[:100])
                self.wfile.flush()
                served.go_on.wait(PATIENCE)
                return
            try:
                self.wfile.write(body)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        served.url = f"http://127.0.0.1:{http.server_address[1]}"
        yield served
        served.go_on.set()
        http.shutdown()
        thread.join()


server = pytest.fixture(name="server")(serving)


def served_file(server: Server, name: str, contents: bytes) -> KnownFile:
    server.files[f"/{name}"] = contents
    return KnownFile(name, hashlib.md5(contents).hexdigest(), (f"{server.url}/{name}",))
