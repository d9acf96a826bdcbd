"""Where a text that several articles share is likely to come from: credits, agencies among its outlets, dates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# Credit lines stand at the ends of a text; a name in the middle is a source, not a credit.
CREDIT_CHARACTERS = 250


class Origin(NamedTuple):
    """Likely origin of a copy group and its evidence: `credit`, `agency_outlet`, `one_outlet`, `earliest`; empty if unknown."""

    origin: str
    evidence: str


class Agencies:
    """Agencies by the forms of their names."""

    def __init__(self, forms: Iterable[tuple[str, str]]):
        self.by_form = {form: agency for agency, form in forms}
        names = "|".join(sorted(map(re.escape, self.by_form), key=lambda form: (-len(form), form)))
        self._name = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])") if names else re.compile(r"(?!)")
        # (AP), (AFP, Reuters), /TASS/, and a sentence in which an agency is said to have contributed.
        self._tag = re.compile(rf"[(/—-] ?(?:{names})(?:, ?(?:{names}))*(?: ?[)/]|$)") if names else self._name

    def named(self, text: str) -> set[str]:
        """Agencies named anywhere in a text, such as a credit field or a credit line."""
        return {self.by_form[m.group()] for m in self._name.finditer(text)}

    def credited(self, text: str, phrases: Sequence[str]) -> set[str]:
        """Agencies in tags at a text's ends, and in its last lines where a phrase stands ("contributed to this report")."""
        head, tail = text[:CREDIT_CHARACTERS], text[-CREDIT_CHARACTERS:]
        found: set[str] = set()
        for part in (head, tail):
            for tag in self._tag.finditer(part):
                found |= self.named(tag.group())
        if any(phrase in tail.lower() for phrase in phrases):
            found |= self.named(tail)
        return found


def likely_origin(outlets: Sequence[str], days: Sequence[float], credits: Sequence[set[str]], agencies: Agencies) -> Origin:
    """Origin of one copy group from its articles' outlets, days (NaN: unknown) and credits.

    In this order: the agency most of them credit; an agency among the outlets; the only outlet; the outlet of the only article
    of the first day. Ties, and groups with undated articles for the last, are unknown.
    """
    counted = Counter(agency for found in credits for agency in found)
    if counted:
        most = max(counted.values())
        leaders = sorted(agency for agency, count in counted.items() if count == most)
        return Origin(leaders[0], "credit") if len(leaders) == 1 else Origin("; ".join(leaders), "credit")
    wires = sorted({agency for outlet in outlets for agency in agencies.named(outlet)})
    if len(wires) == 1:
        return Origin(wires[0], "agency_outlet")
    if len(set(outlets)) == 1:
        return Origin(outlets[0], "one_outlet")
    if all(day == day for day in days):
        first = min(days)
        sources = {outlet for outlet, day in zip(outlets, days, strict=True) if day == first}
        if len(sources) == 1 and "" not in sources:
            return Origin(sources.pop(), "earliest")
    return Origin("", "")
