"""Attributions: who says, thinks or wants what, by cue, source and content, with every span in characters.

The rules are finite-state patterns over word tags (`pipeline.grammar`); their words stand in
data/languages/<language>_attribution.yaml. An attribution has a cue (a verb with its auxiliaries, a noun, `according to`),
at most one source, and one or more content spans. Definitions after Pareti (2015) and Newell et al. (2018, PolNeAR).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import NamedTuple

import yaml

from pipeline import paths
from pipeline.grammar import Grammar, Lexed
from pipeline.language import load_language
from pipeline.voice import SHORT, Quotation, quotations

Span = tuple[int, int]


class Attribution(NamedTuple):
    """Spans in characters of the repaired text; `lemma` is the cue's head, `kind` the way it was found."""

    cue: Span
    source: Span | None
    content: tuple[Span, ...]
    lemma: str
    cue_class: str
    kind: str


class Found(NamedTuple):
    """An attribution in words instead of characters."""

    cue: Span
    source: Span | None
    content: list[Span]
    lemma: str
    cue_class: str
    kind: str


class Rules:
    """The patterns of attribution, compiled for a grammar."""

    def __init__(self, grammar: Grammar):
        self.grammar = grammar
        self.features = {character: features for features, character in grammar.characters.items()}
        c = grammar.compile
        self.quoted = grammar.characters[frozenset({"quoted"})]
        self.sentence = c("<nl>+ | <stop>(?:<close|rpar|mark>)* | <close>")
        self.cue = c("<cue|according|reportedly|cue_noun|adjectives|colon>")
        word = "<cap|low|det|poss|num|gen|of|s_form|plain|place|time|cue_noun|quoted|mostly_nouns|adjectives|other|day-subj|comma|modal|base>"
        word = "<cap|low|det|poss|num|gen|of|plain|place|time|quoted|adjectives|cue_noun|mostly_nouns|other|day>"
        # Read backwards from the verb.
        self.auxiliaries = c("(?:<adv|ly|neg|have|be|do|modal|aux_inf>|<to>(?=<aux_inf>))*")
        noun_phrase = f"(?:{word}|<and|prep|in|ed|ing_form>(?={word})|<open|close>)*{word}"
        self.subject_back = c(
            f"(?:(?P<pronoun><subj|rel>)|<rpar>[^()]{{1,8}}?<lpar>(?P<bracketed>{noun_phrase})|"
            f"<comma>(?P<relative>(?:(?!<stop|nl|comma>).){{1,25}}?<rel>)<comma>(?P<described>{noun_phrase})|"
            f"<comma>(?P<apposition>(?:{noun_phrase}<comma>){{1,2}}?)(?P<named>{noun_phrase}(?=<stop|nl|close|and|but|sub|that|comma>|$))|"
            f"(?P<phrase>{noun_phrase}))"
        )
        # Read forwards from the verb.
        forward = f"(?:{word}|<open|close>)(?:{word}|<and><cap|det>|<open|close>|<prep|in|and>(?=<det>?<cap>))*"
        self.inverted = c(f"(?:(?P<pronoun><subj>)|(?P<phrase>{forward}(?:<comma>(?=<det|low|cap|num|poss>)(?:(?!<stop|nl>).){{1,14}}?(?=<stop|nl|comma>))?))")
        self.filler = c(
            "(?:<adv|ly>|<prep|in>?<det>?<day>+|<prep|in><det|poss>?(?:<cap|low|gen|num>{0,4})<place|day|time>(?:<prep|in>(?:<det>?<cap|day|num>+))*|<last>)*"
            .replace("|<last>", "")
        )
        self.opening = c("<comma|colon>?(?=<open>)")
        self.that = c("<comma>?(?=<that>)")
        self.wh = c("(?=<wh|to>)")
        self.np_start = c("<cap|low|det|poss|num|gen|subj|obj|plain|place|time|quoted|open|adjectives|cue_noun|mostly_nouns|ed|ing_form|other|ing_cue|day>")
        self.addressee = c(
            f"(?:<obj>|{word}(?:{word}|<and|prep|in>(?={word}))*?(?:<comma>[^.]{{1,12}}?<comma>)?)(?:<prep|in|day|adv>{{1,2}}<det>?<cap|day|time|place|num>*)?<comma>?(?=<that|wh|open|to|subj>|<colon>)"
        )
        self.addressee_short = c("(?:<obj>|<det|poss>?<low|cap|gen>{1,4})<comma>?(?=<det|cap|subj|poss>)")
        self.verb = c("<be|have|do|modal|verb|past|third|ed|be_inside>")
        self.clause_end = c("<semi>|<dash>|<comma>(?=<but>)|<comma>(?=<and><subj|ing_cue|past>)|<comma>(?=<ing_cue|ing_form|sub>)|<comma>(?=<according>)")
        self.noun_end = c("<semi>|<dash>|<colon>|<comma>|<and|but>(?=<past|third|ed|verb>)|<sub>|<be|modal|have|do>|<prep|in>(?=<det>?<day>)|<day>")
        self.back_boundary = c("<comma|semi|dash|colon|but|sub|that|nl|lpar|close>")

    def has(self, tag: str, feature: str) -> bool:
        """Whether a tag stands for a set with this feature."""
        return feature in self.features[tag]


@lru_cache(maxsize=4)
def load_rules(name: str = "english") -> Rules:
    """The rules of a language by its name."""
    values = yaml.safe_load((paths.LANGUAGES / f"{name}_attribution.yaml").read_text(encoding="utf-8"))
    return Rules(Grammar(values, load_language(name).abbreviations))


class Article:
    """One text on its way through the rules."""

    def __init__(self, text: str, rules: Rules, marks: list[Quotation]):
        self.rules = rules
        self.text = text
        self.lexed: Lexed = rules.grammar.lex(text)
        starts = self.lexed.starts
        self.size = len(self.lexed.tags)
        tags = list(self.lexed.tags)
        self.quotes: list[Span] = []
        self.marks = marks
        for mark in marks:
            first, end = bisect_left(starts, mark.start), bisect_left(starts, mark.end)
            if end - first - 2 > SHORT:
                self.quotes.append((first, end))
                for k in range(first + 1, end - (1 if mark.closed else 0)):
                    tags[k] = rules.quoted
        self.tags = "".join(tags)
        self.reversed = self.tags[::-1]
        self.bounds = self._sentences()

    def _sentences(self) -> list[int]:
        """First words of sentences, with the end of the text last."""
        bounds = [0]
        tags, rules, words = self.tags, self.rules, self.lexed.words
        quote_ends = {end for _, end in self.quotes}
        for match in rules.sentence.finditer(tags):
            end = match.end()
            if end >= self.size:
                continue
            nxt = words[end][:1]
            first = tags[match.start()]
            if rules.has(first, "nl"):
                bounds.append(end)
            elif rules.has(first, "close"):
                if end in quote_ends and words[end - 2][:1] in ".!?" and (nxt.isupper() or nxt in "“\n("):
                    bounds.append(end)
            elif nxt.isupper() or nxt in "“‘\n('[" or nxt.isdigit():
                bounds.append(end)
        bounds.append(self.size)
        return bounds


def _subject(article: Article, at: int, floor: int) -> Span | None:
    """The subject that ends before word `at`, not before `floor`."""
    rules, n = article.rules, article.size
    match = rules.subject_back.match(article.reversed, n - at, n - floor)
    if match is None:
        return None
    group = match.lastgroup or ""
    for name in ("pronoun", "bracketed", "described", "named", "phrase"):
        if match.group(name) is not None:
            group = name
    a, b = match.span(group)
    start, end = n - b, n - a
    if group == "named":
        end = at - 1
    elif group == "described":
        pass
    elif group == "bracketed":
        pass
    tags = article.tags
    has = rules.has
    # A phrase of time before the subject is no part of it.
    k = start
    while k < end and (has(tags[k], "day") or has(tags[k], "num") or has(tags[k], "prep") or has(tags[k], "in") or has(tags[k], "time") or has(tags[k], "and") or has(tags[k], "close")):
        k += 1
    if k < end:
        start = k
    return (start, end) if end > start else None


def find(article: Article) -> list[Found]:
    """All attributions of an article, in words."""
    rules, tags, words = article.rules, article.tags, article.lexed.words
    grammar = rules.grammar
    found: list[Found] = []
    bounds = article.bounds
    for k in range(len(bounds) - 1):
        s, e = bounds[k], bounds[k + 1]
        while e > s + 1 and (rules.has(tags[e - 1], "nl")):
            e -= 1
        last: Span | None = None
        for match in rules.cue.finditer(tags, s, e):
            i = match.start()
            features = rules.features[tags[i]]
            form = words[i].strip().lower()
            result = None
            if "according" in features:
                result = _according(article, i, s, e)
            elif "colon" in features:
                result = _colon(article, i, s, e)
            elif "cue" in features:
                result = _verb(article, i, s, e, features, form, last)
            if result is not None:
                found.append(result)
                if result.source is not None:
                    last = result.source
    return found


def _content_end(article: Article, j: int, e: int, pattern: re.Pattern[str]) -> int:
    match = pattern.search(article.tags, j + 1, e)
    end = match.start() if match else e
    while end > j and article.rules.has(article.tags[end - 1], "stop"):
        end -= 1
    return end


def _according(article: Article, i: int, s: int, e: int) -> Found | None:
    rules, tags = article.rules, article.tags
    if i + 1 >= e or not rules.has(tags[i + 1], "to"):
        return None
    end = _content_end(article, i + 2, e, rules.noun_end)
    source = (i + 2, end)
    if i - s <= 1:
        start = end + 1
        content = (start, _content_end(article, start, e, rules.clause_end)) if start < e else None
    else:
        content = (s, i - 1 if rules.has(tags[i - 1], "comma") else i)
    if content is None or content[1] <= content[0]:
        return None
    return Found((i, i + 2), source, [content], "according", "neutral", "according")


def _colon(article: Article, i: int, s: int, e: int) -> Found | None:
    return None


def _verb(article: Article, i: int, s: int, e: int, features: frozenset[str], form: str, last: Span | None) -> Found | None:
    rules, tags, n = article.rules, article.tags, article.size
    has = rules.has
    lemma = rules.grammar.lemma[form]
    cue_class = rules.grammar.cue_class[lemma]
    a = n - rules.auxiliaries.match(article.reversed, n - i, n - s).end()
    aux = [t for t in tags[a:i] if not has(t, "adv")]
    while a < i and has(tags[a], "adv") and has(tags[a], "sub"):
        a += 1
    before = tags[a - 1] if a > s else None
    be = any(has(t, "be") for t in aux)
    infinitive = i > s and has(tags[i - 1], "to")
    if infinitive:
        return None
    if be and "participle" in features:
        return None
    if "mostly_nouns" in features and not aux and not (before and (has(before, "subj") or has(before, "rel"))):
        if not (before and has(before, "cap") and ("past" in features or "third" in features)):
            return None
    subject = None if before is None else _subject(article, a, s)
    # Content before the cue.
    if "trail" in features or "particle" in features and lemma == "say":
        trail = _trail(article, i, a, s, e, subject)
        if trail is not None:
            source, content = trail
            return Found((a, i + 1), source, content, lemma, cue_class, "trail")
    if subject is None and (before is None or not (has(before, "and") or has(before, "comma") or has(before, "but") or "ing_cue" in features)):
        return None
    if subject is None:
        subject = last
    # Content after the cue.
    j = rules.filler.match(tags, i + 1, e).end()
    for pattern in (rules.opening, rules.that):
        match = pattern.match(tags, j, e)
        if match:
            j = match.end()
            if "clause" not in features and "trail" not in features and "noun" not in features:
                return None
            return Found((a, i + 1), subject, [(j, _content_end(article, j, e, rules.clause_end))], lemma, cue_class, "clause")
    j = i + 1
    if j >= e:
        return None
    nxt = words_at(article, j)
    if "particle" in features and nxt in rules.grammar.particles[lemma]:
        if j + 1 < e and (rules.np_start.match(tags, j + 1) or has(tags[j + 1], "wh") or has(tags[j+1], "that")):
            return Found((a, j + 1), subject, [(j + 1, _content_end(article, j + 1, e, rules.noun_end))], lemma, cue_class, "particle")
    if has(tags[j], "to") and "inf" in features:
        return Found((a, j), subject, [(j, _content_end(article, j, e, rules.noun_end))], lemma, cue_class, "inf")
    if has(tags[j], "wh") and ("clause" in features):
        return Found((a, j), subject, [(j, _content_end(article, j, e, rules.clause_end))], lemma, cue_class, "wh")
    if "address" in features:
        match = rules.addressee.match(tags, j, e) or rules.addressee_short.match(tags, j, e)
        if match:
            k = match.end()
            if has(tags[k], "colon"):
                k += 1
            if has(tags[k], "to") and "inf" in features:
                k = j
            return Found((a, i + 1), subject, [(k, _content_end(article, k, e, rules.clause_end))], lemma, cue_class, "address")
        if "of_deed" in features and rules.np_start.match(tags, j):
            return Found((a, i + 1), subject, [(j, _content_end(article, j, e, rules.clause_end))], lemma, cue_class, "accuse")
    if rules.np_start.match(tags, j):
        if "clause" in features and rules.verb.search(tags, j, e):
            return Found((a, i + 1), subject, [(j, _content_end(article, j, e, rules.clause_end))], lemma, cue_class, "bare")
        if "noun" in features:
            return Found((a, i + 1), subject, [(j, _content_end(article, j, e, rules.noun_end))], lemma, cue_class, "noun")
    return None


def words_at(article: Article, k: int) -> str:
    """A word in small letters, without the spaces after it."""
    return article.lexed.words[k].strip().lower()


def _trail(article: Article, i: int, a: int, s: int, e: int, subject: Span | None) -> tuple[Span | None, list[Span]] | None:
    """Source and content where the content stands before the cue: `C, X said` and `C, said X`."""
    rules, tags = article.rules, article.tags
    has = rules.has
    start = subject[0] if subject else a
    if subject is None:
        match = rules.inverted.match(tags, i + 1, e)
        source = match.span() if match else None
    else:
        source = subject
    k = start - 1
    if k < s:
        # A quotation of the sentence before, closed by ! or ?
        return None
    if not (has(tags[k], "comma") or has(tags[k], "close")):
        return None
    if has(tags[k], "close"):
        end = k + 1
    else:
        end = k
        if k - 1 >= s and has(tags[k - 1], "close"):
            end = k
    if end - s < 2:
        return None
    if source is None:
        return None
    return source, [(s, end)]


def attributions(text: str, rules: Rules | None = None) -> list[Attribution]:
    """Attributions of a repaired text in order of their cues."""
    rules = rules or load_rules()
    marks = quotations(text, load_language("english").speech_verbs)
    article = Article(text, rules, marks)
    starts, words = article.lexed.starts, article.lexed.words

    def characters(span: Span) -> Span:
        a, b = span
        return starts[a], starts[b - 1] + len(words[b - 1].rstrip())

    return [
        Attribution(characters(f.cue), characters(f.source) if f.source else None, tuple(characters(c) for c in f.content if c[1] > c[0]), f.lemma, f.cue_class, f.kind)
        for f in find(article)
    ]
