import pytest

from pipeline.unpaired import count_unpaired


@pytest.mark.parametrize(
    ("text", "unpaired"),
    [
        ("No marks at all.\nNone.", 0),
        ("“One,” he said. “Two.”", 0),
        # Over paragraphs each opens anew and the last closes.
        ("He said: “The port is shut.\n\n“It will stay so.\n“For good.”\nHe left.", 0),
        ("“The port is shut.\n\n“It will stay so.", 1),
        ("“The port is shut.\n \t“It will stay so.”", 0),
        # Not from a paragraph before the last, nor within a paragraph.
        ("“The port is shut.\nIt is raining.\n“It will stay so,” he said.", 1),
        ("“The port is shut. “It will stay so,” he said.\nHe left.", 1),
        # Without line breaks a sentence's start is enough.
        ("“The port is shut. “It will stay so. “For good.” He left.", 0),
        ("“The port is “shut for good,” he said.", 1),
        # Quotations within quotations, and one at the start of a sentence.
        ("“He called it “a farce” again.”", 0),
        ("“He left. “A farce” was all he said.”", 0),
        # What closes nothing.
        ("The port is shut.” He left.", 1),
        ("The port is shut.” He left. “It will stay so.", 2),
    ],
)
def test_marks_without_a_partner(text, unpaired):
    assert count_unpaired(text) == unpaired
