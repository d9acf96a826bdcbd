"""A search of texts for many strings at once."""

from __future__ import annotations

from collections.abc import Iterable

from ahocorasick_rs import BytesAhoCorasick, Implementation


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class Strings:
    """A search for many strings at once, in one pass over a text whatever their number."""

    def __init__(self, strings: Iterable[str]):
        self.strings = tuple(dict.fromkeys(strings))
        # Of bytes: that of texts works out the places of matches in characters, which takes longer than to find them.
        self.automaton = BytesAhoCorasick([_bytes(string) for string in self.strings], implementation=Implementation.DFA)

    def __reduce__(self) -> tuple:
        return Strings, (self.strings,)

    def has_any(self, text: str) -> bool:
        """Whether one of the strings stands in a text."""
        return bool(self.automaton.find_matches_as_indexes(_bytes(text)))

    def found_in(self, text: str) -> set[int]:
        """Numbers of the strings that stand in a text."""
        return {number for number, _, _ in self.automaton.find_matches_as_indexes(_bytes(text), overlapping=True)}
