"""Downloads files: resumes interrupted downloads, verifies checksums, and can be cancelled at any moment."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convviz.data.errors import DataError
from convviz.data.known.catalogue import KnownFile
from convviz.files.cancel import Cancelled, blocks, go_on

__all__ = ["Transfer", "download"]

Transfer = Callable[[int, int], None]
"""Called with the bytes that have arrived, and the size of the file in bytes (0 if unknown)."""
BLOCK = 2**16
ATTEMPTS = 3
PATIENCE = 15
"""Seconds without a byte after which a server counts as silent."""
LARGEST = 2**31
PART = ".part"


def download(
    file: KnownFile,
    folder: Path,
    *,
    told: Transfer | None = None,
    cancelled: Cancelled | None = None,
    pause: float = 1.0,
    patience: float = PATIENCE,
) -> Path:
    """Fetch a file, unless it is there already.

    What a cancelled or failed download has fetched is kept as ``NAME.part``, and the next one resumes there.

    Parameters
    ----------
    file : KnownFile
    folder : Path
        Made if it does not exist.
    told : callable, optional
    cancelled : callable, optional
    pause : float
        Seconds before the second attempt; twice as many before the third.
    patience : float
        Seconds that a server may be silent.

    Returns
    -------
    Path
        The file, with the right checksum.

    Raises
    ------
    DataError
        No server delivered the file; the message says what went wrong with each.
    LoadCancelledError
    """
    target = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.is_file() and md5_of(target, cancelled) == file.md5:
            return target
    except OSError as error:
        raise DataError(f"{folder}: expected a folder to download into, got: {error.strerror or error}") from None
    faults: list[str] = []
    for url in file.urls:
        for attempt in range(ATTEMPTS):
            go_on(cancelled)
            fault = _attempt(url, target, told, cancelled, patience)
            if fault is None:
                part = target.with_name(target.name + PART)
                if md5_of(part, cancelled) == file.md5:
                    part.replace(target)
                    return target
                part.unlink()
                fault = "a file with another checksum"
            faults.append(f"{_host(url)}: {fault}")
            if fault.startswith("HTTP 4"):
                break
            if attempt + 1 < ATTEMPTS:
                _wait(pause * 2**attempt, cancelled)
    seen = "; ".join(dict.fromkeys(faults))
    raise DataError(f"{file.name}: expected to download it, got {seen}; what is there is kept, so try again later")


def md5_of(path: Path, cancelled: Cancelled | None = None) -> str:
    """MD5 of a file, in hexadecimal. It detects damage, not forgery; the authors publish no better checksum."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        for block in blocks(path.stat().st_size, cancelled):
            digest.update(file.read(block.stop - block.start))
    return digest.hexdigest()


def _attempt(url: str, target: Path, told: Transfer | None, cancelled: Cancelled | None, patience: float) -> str | None:
    """Fetch what is missing of a file; returns what went wrong, or None if the server says that nothing is missing."""
    import requests

    part = target.with_name(target.name + PART)
    try:
        there = part.stat().st_size if part.is_file() else 0
        headers = {"Range": f"bytes={there}-"} if there else {}
        # Without compression, so that the lengths are those of the file.
        headers["Accept-Encoding"] = "identity"
        with requests.get(url, headers=headers, stream=True, timeout=(patience, patience)) as answer:
            if answer.status_code == 416:  # the part is complete, or longer than the file
                return None
            if answer.status_code not in (200, 206):
                return f"HTTP {answer.status_code} {answer.reason or ''}".strip()
            if answer.status_code == 200:
                there = 0
            length = _length(answer, there)
            if length > LARGEST:
                return f"{length:,} bytes, more than any known file has"
            with part.open("ab" if there else "wb") as out:
                for block in answer.iter_content(BLOCK):
                    go_on(cancelled)
                    out.write(block)
                    there += len(block)
                    if there > LARGEST:
                        return "more bytes than any known file has"
                    if told is not None:
                        told(there, length)
            if there < length:
                return f"{there:,} of {length:,} bytes"
    except requests.exceptions.RequestException as error:
        return _why(error)
    except OSError as error:
        raise DataError(f"{part}: expected to write the download, got: {error.strerror or error}") from None
    return None


def _length(answer: Any, there: int) -> int:
    """Bytes of the whole file, or 0 if the server does not say."""
    text = answer.headers.get("Content-Length", "")
    return int(text) + there if text.isdigit() and len(text) < 16 else 0


def _why(error: Exception) -> str:
    """Why a request failed, in the user's words."""
    import requests

    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "an insecure connection"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "redirects without end"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "a connection that broke off"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection (is this computer online?)"
    return "an answer that makes no sense"


def _host(url: str) -> str:
    return url.split("/")[2]


def _wait(seconds: float, cancelled: Cancelled | None) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        go_on(cancelled)
        time.sleep(min(0.05, max(0.0, end - time.monotonic())))
