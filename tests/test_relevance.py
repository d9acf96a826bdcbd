import pytest
from builders import article_frame

from pipeline.relevance import relevant_articles


def relevant(text: str, title: str = "", names=("Harland",), least: int = 3) -> bool:
    return bool(relevant_articles(article_frame([text], title=[title]), names, least)[0])


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("Harland spoke. Harland left. Harland's car waited.", "", True),
        ("Harland spoke. Harland left.", "", False),
        ("", "Harland speaks", True),
        ("", "Harlandism explained", True),
        ("harland harland harland", "harland", False),
        ("Harlander Harlander Harlander Harlandism", "", False),
        ("(Harland), “Harland” Harland-backed", "", True),
    ],
)
def test_mentions_in_title_and_text(text, title, expected):
    assert relevant(text, title) is expected


def test_names_are_counted_together_and_taken_literally():
    assert relevant("Harland met the U.N. envoy; the U.N.", names=("Harland", "U.N."))
    assert not relevant("The UXNX the UXNX the UXNX", names=("U.N.",))
    assert relevant("The U.N. left, the U.N. said, for the U.N.", names=("U.N.",))


def test_one_row_an_article():
    mask = relevant_articles(article_frame(["Harland", "no one"], title=["", "Harland"]), ["Harland"], 1)
    assert mask.tolist() == [True, True] and mask.dtype == bool
    assert relevant_articles(article_frame([]), ["Harland"], 1).shape == (0,)
