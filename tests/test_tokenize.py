import numpy as np
from builders import article_frame, token_table, tokenized

from pipeline.tokens import BODY, SUBTITLE, TITLE
from pipeline.voice import DIRECT, MARKED, OWN

TEXTS = [
    "The pier closed. “We will never go back to that pier,” said Ines Moor. It stays closed.",
    "",
    "A so-called “safe” bridge.\nIt fell",
]


def tables():
    return tokenized(article_frame(TEXTS, title=["Pier closed", "", "Bridge"], subtitle=["", "Empty", ""]))


def test_every_sentence_holds_its_tokens_and_no_other():
    made = tables()
    tokens, sentences = made["tokens"], made["sentences"]
    assert (tokens["sentence"].diff().dropna() >= 0).all()
    counts = np.bincount(tokens["sentence"], minlength=len(sentences))
    assert counts.tolist() == sentences["tokens"].tolist()
    table = token_table(made)
    for row, sentence in enumerate(sentences.to_dict("records")):
        inside = tokens["sentence"] == row
        assert (table.article[inside] == sentence["article"]).all() and (tokens["part"][inside] == sentence["part"]).all()
        assert tokens["start"][inside].between(sentence["start"], sentence["end"] - 1).all()


def test_documents_count_their_tokens():
    made = tables()
    documents = made["documents"]
    assert documents["tokens"].tolist() == [19, 1, 8]
    assert documents["body_tokens"].tolist() == [17, 0, 7]
    assert documents["direct_tokens"].tolist() == [8, 0, 0]
    assert documents["tokens"].sum() == len(made["tokens"])


def test_vocabulary_counts_every_token():
    made = tables()
    counts = made["vocabulary"].set_index("term")["count"]
    assert counts["pier"] == 3 and counts["closed"] == 3 and counts.sum() == len(made["tokens"])
    assert (np.bincount(made["tokens"]["token"]) == counts.to_numpy()).all()


def test_parts_keep_their_order_and_their_own_characters():
    made = tables()
    tokens = made["tokens"]
    table = token_table(made)
    assert tokens["part"][table.article == 0].tolist() == [TITLE] * 2 + [BODY] * 17
    assert tokens["part"][table.article == 1].tolist() == [SUBTITLE]
    first = tokens[(table.article == 0) & (tokens["part"] == BODY)]
    words = [TEXTS[0][a : a + n] for a, n in zip(first["start"], first["length"], strict=True)]
    assert words[:4] == ["The", "pier", "closed", "We"] and words[-1] == "closed"


def test_voices_are_carried_over_to_tokens():
    made = tables()
    voice = made["tokens"]["voice"].to_numpy()
    article = token_table(made).article
    assert voice[article == 0].tolist() == [OWN] * 5 + [DIRECT] * 8 + [OWN] * 6
    assert (voice[article == 2] == MARKED).sum() == 1


def test_empty_articles_shift_nothing():
    alone = tokenized(article_frame([TEXTS[0]]))["tokens"]
    after_empty = tokenized(article_frame(["", "", TEXTS[0]]))["tokens"]
    assert alone.equals(after_empty)


def test_no_articles_give_empty_tables():
    tables = tokenized(article_frame([]))
    assert {name: len(table) for name, table in tables.items()} == dict.fromkeys(tables, 0)
    assert tables["tokens"]["token"].dtype == "int32"
