"""The model hub, through huggingface_hub: what a repository holds, its files, and sharing a folder.

Whatever goes wrong there becomes `ModelUnavailable` with a sentence. The library is imported when it is needed: that takes
a while, and serving has no use for it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from models.catalog import COMMIT
from models.store.meter import Meter
from models.types import ModelUnavailable

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoSibling

TIMEOUT_S = 30.0
REFUSED = {401, 403}


@dataclass(frozen=True, slots=True)
class Remote:
    """A file as the hub tells of it; of large files, their SHA-256 is known, too."""

    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository holds at a commit."""

    commit: str
    files: Mapping[str, Remote]


class Hub:
    """The hub at `url`. Only `token` is ever sent there, no token that other tools have stored."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url, self._token = url.rstrip("/"), token
        # Set before the library is imported, which else asks huggingface.co, whatever `url` is, how to report who runs it.
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

    def listing(self, repository: str, revision: str) -> Listing:
        """What a repository holds at a revision. Raises `ModelUnavailable`."""
        with self._told(repository, revision):
            info = self._api().model_info(repository, revision=revision, files_metadata=True, timeout=TIMEOUT_S)
            if not info.sha or not re.match(COMMIT, info.sha) or (re.match(COMMIT, revision) and info.sha != revision):
                raise ValueError(f"{revision} is {info.sha}")
            return Listing(info.sha, {each.rfilename: _remote(each) for each in info.siblings or []})

    def fetch(self, repository: str, commit: str, name: str, file: Remote, path: Path, meter: Meter) -> None:
        """Write a file of a repository to `path`, behind what lies there of it already. Raises `ModelUnavailable`.

        What has arrived stays when the connection breaks, so that the next call goes on from there.
        """
        from huggingface_hub import hf_hub_url
        from huggingface_hub.errors import HfHubHTTPError
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, but not in __all__

        url = hf_hub_url(repository, name, revision=commit, endpoint=self.url)
        headers = build_hf_headers(token=self._token or False, library_name="parley")
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._told(repository, commit, name), path.open("ab") as part:
            there = part.tell()
            if there > file.size:
                part.truncate(there := 0)
            meter.begin(name, file.size, there)
            try:
                http_get(url, part, resume_size=there, headers=headers, expected_size=file.size, tqdm_class=_bar(meter))
            except OSError as error:
                if error.errno is None and not isinstance(error, HfHubHTTPError):
                    part.truncate(0)  # the hub's file ended early, so that there is nothing to go on from
                raise

    def share(self, folder: Path, repository: str, *, names: list[str], private: bool) -> str:
        """Put files of a folder into a repository, made if there is none, and return the commit.

        Raises `ModelUnavailable`.
        """
        api = self._api()
        with self._told(repository, "main"):
            api.create_repo(repository, private=private, exist_ok=True)
            made = api.upload_folder(
                repo_id=repository, folder_path=folder, allow_patterns=names, commit_message="Share an adapter"
            )
        return made.oid

    def _api(self) -> HfApi:
        from huggingface_hub import HfApi

        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what comes of its attempts is told in one sentence
        return HfApi(endpoint=self.url, token=self._token or False, library_name="parley")

    @contextmanager
    def _told(self, repository: str, revision: str, name: str = "") -> Iterator[None]:
        """Say in a sentence what the library raises."""
        import httpx2
        from huggingface_hub import errors

        where = f"{name} of {repository}" if name else repository
        try:
            yield
        except errors.OfflineModeIsEnabled as error:
            raise ModelUnavailable("HF_HUB_OFFLINE is set, so nothing is fetched or shared; unset it first.") from error
        except errors.GatedRepoError as error:
            raise ModelUnavailable(
                f"{repository} is open only to those who accept its terms: do so at {self.url}/{repository}, "
                "and set PARLEY_HUB_TOKEN to a token of your account."
            ) from error
        except errors.RevisionNotFoundError as error:
            raise ModelUnavailable(f"{repository} has no revision {revision} at {self.url}; check its entry.") from error
        except errors.RemoteEntryNotFoundError as error:
            raise ModelUnavailable(f"{where} is not there at {self.url}, although it is listed; try again.") from error
        except errors.HfHubHTTPError as error:
            raise ModelUnavailable(self._answered(error.response.status_code, repository)) from error
        except httpx2.HTTPError as error:
            raise ModelUnavailable(
                f"The connection to {self.url} broke off at {where}; start again, and it goes on where it stopped."
            ) from error
        except errors.HFValidationError as error:
            raise ModelUnavailable(f"{repository} is not a name that a hub can have.") from error
        except OSError as error:
            if error.errno is not None:  # what the disk refuses is for the store to tell
                raise
            raise ModelUnavailable(f"{where} is cut short at {self.url}; start again later.") from error
        except ValueError as error:
            raise ModelUnavailable(f"{self.url} does not answer as a model hub does; check PARLEY_HUB_URL.") from error

    def _answered(self, status: int, repository: str) -> str:
        if status in REFUSED | {404}:
            token = "another PARLEY_HUB_TOKEN" if self._token else "PARLEY_HUB_TOKEN"
            return f"{self.url} shows no {repository}: there is none, or it is private and needs {token} to be set."
        return f"{self.url} answered for {repository} with the error {status}; try again later."


def _remote(file: RepoSibling) -> Remote:
    if file.size is None:
        raise ValueError(f"{file.rfilename} is of no size")
    return Remote(file.size, file.lfs.sha256 if file.lfs else None)


def _bar(meter: Meter) -> Any:
    """A class that huggingface_hub takes for tqdm's, and that tells `meter`."""

    class Bar:
        def __init__(self, **_how: object) -> None:
            self._tell: Callable[[int], None] = meter.advance

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            """Nothing."""

        def update(self, count: float) -> None:
            self._tell(int(count))

    return Bar
