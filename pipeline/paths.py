"""Where each stage's tables live; `dvc.yaml` names the same files, and a test holds the two together."""

from pathlib import Path

RAW = Path("data/raw")
EXAMPLE = Path("data/example/articles")
OUTLETS = Path("data/outlets.csv")
LANGUAGES = Path("data/languages")
CATEGORIES = Path("data/lexicons/categories.csv")

FETCHED = Path("data/fetch")
ARTICLES = Path("data/ingest/articles.parquet")
REFUSED = Path("data/ingest/refused.parquet")
CLEANED = Path("data/clean/articles.parquet")
REMOVALS = Path("data/clean/removals.parquet")
TOKENS = Path("data/tokenize/tokens.parquet")
SENTENCES = Path("data/tokenize/sentences.parquet")
DOCUMENTS = Path("data/tokenize/documents.parquet")
VOCABULARY = Path("data/tokenize/vocabulary.parquet")
PUNKT = Path("data/tokenize/punkt.json")
GROUPS = Path("data/group/groups.parquet")
COPIES = Path("data/group/copies.parquet")
COUNTS = Path("data/score/counts.parquet")
HITS = Path("data/score/hits.parquet")
ENTRIES = Path("data/score/entries.parquet")
TRAINED = Path("data/train")
PREDICTED = Path("data/predict")
COMPARED = Path("data/compare")
REPORTS = Path("reports")
