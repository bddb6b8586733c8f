"""A model hub on this machine: the routes of its HTTP API that Parley uses, with what can go wrong on them."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import huggingface_hub
import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = (".safetensors", ".bin")


@dataclass
class Repository:
    """Files at one commit, which the branch main stands at."""

    files: dict[str, bytes] = field(default_factory=dict)
    commit: str = COMMIT
    private: bool = False

    def siblings(self) -> list[dict[str, Any]]:
        return [_sibling(name, content) for name, content in self.files.items()]


@dataclass
class FakeHub:
    """The hub: its repositories, what it was asked, and what it gets wrong.

    Attributes:
        refused: a status and an error code by route ("info" or "file"), instead of an answer.
        breaks: after how many bytes the connection breaks, by file, this and every next time.
        shortened: files of which only so many bytes are there to be had.
        replaced: other contents than those listed.
    """

    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    shortened: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, bytes] = field(default_factory=dict)
    url: str = ""

    def fetched(self) -> list[tuple[str, str | None]]:
        """Names of files that were asked for, each with the range that was."""
        return [
            (path.rpartition(f"/{COMMIT}/")[2], part) for _, path, part in self.requests if f"/resolve/{COMMIT}/" in path
        ]


@contextmanager
def serving() -> Iterator[FakeHub]:
    """A hub on a free port, which huggingface_hub may ask although tests are offline."""
    hub = FakeHub()

    class Handler(_Handler):
        fake = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
            patch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)
            patch.setattr("huggingface_hub.file_download.time.sleep", lambda _seconds: None)
            yield hub
    finally:
        huggingface_hub.close_session()
        server.shutdown()
        server.server_close()
        thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    fake: FakeHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self._note()
        repository, _, rest = path.removeprefix("/api/models/").strip("/").partition("/revision/")
        if path.startswith("/api/models/"):
            self._info(repository, rest)
        else:
            repository, _, rest = path.strip("/").partition("/resolve/")
            self._file(repository, rest.partition("/")[2])

    def do_POST(self) -> None:
        path, body = self._note(), self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            self.fake.repositories[name] = Repository(private=asked.get("visibility") == "private")
            self._json({"url": f"{self.fake.url}/{name}"})
        elif path == "/api/validate-yaml":  # of a card
            self._json({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            files = json.loads(body)["files"]
            self._json({"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in files]})
        else:
            name = path.removeprefix("/api/models/").partition("/commit/")[0]
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.fake.repositories[name].files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            self._json({"commitUrl": f"{self.fake.url}/{name}/commit/{COMMIT}", "commitOid": COMMIT})

    def _info(self, name: str, revision: str) -> None:
        repository = self.fake.repositories.get(name)
        if self._refused("info"):
            return
        if repository is None:
            self._error(404, "RepoNotFound")
        elif revision not in {"main", repository.commit}:
            self._error(404, "RevisionNotFound")
        else:
            self._json({"id": name, "sha": repository.commit, "siblings": repository.siblings(), "tags": []})

    def _file(self, repository: str, name: str) -> None:
        if self._refused("file"):
            return
        content = self.fake.replaced.get(name, self.fake.repositories[repository].files[name])
        content = content[: self.fake.shortened.get(name, len(content))]
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        cut = self.fake.breaks.get(name)
        if cut is not None and start >= cut:
            self.close_connection = True  # nothing is said any more
            return
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start:cut])
        self.close_connection = self.close_connection or cut is not None

    def _refused(self, route: str) -> bool:
        if route in self.fake.refused:
            self._error(*self.fake.refused[route])
        return route in self.fake.refused

    def _note(self) -> str:
        path = unquote(urlsplit(self.path).path)
        self.fake.requests.append((self.command, path, self.headers.get("Range")))
        self.fake.tokens.add(self.headers.get("Authorization"))
        return path

    def _json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _error(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _sibling(name: str, content: bytes) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": "0" * 40}
    if name.endswith(LARGE):
        digest = hashlib.sha256(content).hexdigest()
        sibling["lfs"] = {"size": len(content), "sha256": digest, "pointerSize": 130}
    return sibling
