import io
import zipfile

import numpy as np
import pytest
import skops.io
from scipy import sparse
from skops.io.exceptions import UntrustedTypesFoundException

from pipeline.models import dump_model, load_model
from pipeline.stance import fit_text_model, used_blocks


def trained():
    rng = np.random.default_rng(2)
    counts = sparse.csr_matrix(rng.poisson(0.7, (60, 25)))
    labels = rng.choice(["against", "neutral"], 60)
    return {"final": fit_text_model(counts, labels, np.arange(60), [1.0, 10.0], 1)[0], "folds": []}, counts


def test_the_same_model_has_the_same_bytes():
    assert dump_model(trained()[0]) == dump_model(trained()[0])


def test_a_stored_model_predicts_as_before_and_is_stored_again_alike():
    model, counts = trained()
    data = dump_model(model)
    loaded = load_model(data)
    assert loaded["final"].predict_proba(counts) == pytest.approx(model["final"].predict_proba(counts), abs=1e-8)
    assert loaded["final"].classes_.tolist() == ["against", "neutral"]
    assert load_model(dump_model(loaded))["final"].predict_proba(counts) == pytest.approx(
        loaded["final"].predict_proba(counts), abs=1e-8
    )


def test_a_stored_model_keeps_its_blocks_of_features():
    rng = np.random.default_rng(3)
    labels = rng.choice(["against", "neutral"], 80)
    told = rng.poisson(np.where(labels == "against", 2.0, 0.3)[:, None], (80, 6))
    counts = sparse.csr_matrix(np.hstack([rng.poisson(0.7, (80, 9)), told]))
    model, _ = fit_text_model(counts, labels, np.arange(80), [1.0], 1, {"words": (0, 9), "letters": (9, 12), "after": (12, 15)})
    assert used_blocks(model) == ["words", "letters", "after"]
    loaded = load_model(dump_model(model))
    assert used_blocks(loaded) == used_blocks(model)
    assert loaded.predict_proba(counts) == pytest.approx(model.predict_proba(counts), abs=1e-8)


def test_the_archive_holds_no_pickle_and_no_time():
    with zipfile.ZipFile(io.BytesIO(dump_model(trained()[0]))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())
        assert {name.rpartition(".")[2] for name in archive.namelist()} <= {"json", "npy", "npz"}
        assert b"__id__" in archive.read("schema.json")


class Stranger:
    """A type that no model of ours holds."""

    def __init__(self):
        self.value = 1


def test_types_that_no_model_holds_are_refused():
    with pytest.raises(UntrustedTypesFoundException, match="Stranger"):
        load_model(skops.io.dumps({"final": Stranger()}))
