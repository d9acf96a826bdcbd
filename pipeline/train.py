"""Stage train: agreement of the coders, and a cross-validated stance classifier for each target."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import paths
from pipeline.corpus import read_prepared
from pipeline.errors import InputError, run_stage
from pipeline.labels import read_labels, second_coding
from pipeline.parallel import begin
from pipeline.params import active_targets, load_params
from pipeline.storage import round_significant, write_bytes, write_json, write_table


def main() -> None:
    params = load_params()
    targets = active_targets(params)
    labels, second, faults = {}, {}, []
    for target in targets:
        for table, file in ((labels, target.labels), (second, second_coding(target.labels))):
            try:
                table[target.id] = read_labels(file)
            except InputError as error:
                faults.extend(f"{error.where}: {fault}" for fault in error.faults)
    if faults:
        raise InputError("train.targets", faults)
    prepared = begin(read_prepared, [params], serial=1)
    # Loads all of scikit-learn: a second, in which the corpus is read.
    from pipeline.learning import train_target

    [corpus] = prepared()
    trained = {t.id: train_target(t, corpus, labels[t.id], second[t.id], params.train) for t in targets}
    for name, table in (("coded", "coded"), ("weights", "weights"), ("reliability", "curve")):
        frames = [frame for result in trained.values() if not (frame := getattr(result, table)).empty]
        write_table(
            paths.TRAINED / f"{name}.parquet", pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"target": []})
        )
    for target_id, result in trained.items():
        if result.model is not None:
            write_bytes(paths.TRAINED / "models" / f"{target_id}.skops", result.model)
            write_table(paths.TRAINED / "models" / f"{target_id}.features.parquet", result.features)
    write_json(paths.TRAINED / "scores.json", {target_id: _rounded(result.scores) for target_id, result in trained.items()})
    for target_id, result in trained.items():
        best = result.scores.get("macro_f1", {}).get("classifier", {}).get("value")
        print(f"train: {target_id}: {result.scores['status']}" + (f", macro-F1 {best:.3f}" if best is not None else ""))


def _rounded(value: object) -> object:
    """Nested plain data with floats rounded as in tables."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(round_significant(np.array([value]))[0]) if isinstance(value, float) else value


if __name__ == "__main__":
    run_stage(main)
