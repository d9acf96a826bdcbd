"""Attributions: who says, thinks or wants what, by cue, source and content, with every span in characters.

The rules are finite-state patterns over word tags (`pipeline.grammar`); their words stand in
data/languages/<language>_attribution.yaml. An attribution has a cue (a verb with its auxiliaries, a noun, `according to`),
at most one source, and one or more content spans. Definitions after Pareti (2015) and Newell et al. (2018, PolNeAR).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import accumulate, islice, pairwise
from typing import NamedTuple

from pipeline import paths
from pipeline.grammar import Grammar
from pipeline.language import load_language
from pipeline.sources import UNRESOLVED_SPEAKER, SourceRules, resolve_sources
from pipeline.storage import read_yaml
from pipeline.voice import DIRECT, MARKED, REPORTED, SHORT, Quotation, quotations

Span = tuple[int, int]

_LABEL = re.compile(r"^([A-Z][^\n:]{0,40}):", re.MULTILINE)

# Characters below which a quotation cannot have more than SHORT words.
SHORTEST = 12
# Words that end a noun phrase.
NOMINAL = frozenset({"cap", "low", "plain", "time", "place", "num"})
# Contents that start before a cue and may hold it: as many are looked at.
NEARBY = 8
# Words in the outlet's own voice between an attribution and a quotation beyond which nobody is given for the quotation, by whether
# it stands inside a sentence of the outlet's.
REACH_INSIDE, REACH = 40, 60
# Words of a sentence beyond which it is cut, and verbs back to which a subject is looked for: what damaged and hostile texts hold
# must not take the square of its length.
LONGEST_SENTENCE = 4096
# Tokens of a speaker before a colon and a quotation.
MOST_LABEL = 14
VERBS_BACK = 64
# Sets of words and frames in the language's file.
WORD_SETS = ("speech", "speech_frames", "vague", "impersonal", "not_asked", "needs_that", "attributive")
# Words of a sentence before the subject of a clause that is not its main one.
FRONTED = 6
# Frames that are an attribution even inside another's content.
SPOKEN = frozenset({"clause", "trail"})
SURE_FRAMES = frozenset({"trail", "according", "asked", "accuse"})


class Attribution(NamedTuple):
    """One attribution; spans in characters of the repaired text.

    lemma: the cue's head word; cue_class: neutral, doubting, endorsing or forceful; frame: the rule that found it; spoken: whether
    it is an act of saying or writing with a source, by cue and frame, and not a view, a wish, or a thing not said; speaker: the
    source as resolved within the article, or `unresolved`; kind: the kind of source; named: whether the speaker is a proper name.
    """

    cue: Span
    source: Span | None
    content: tuple[Span, ...]
    lemma: str
    cue_class: str
    frame: str
    spoken: bool
    speaker: str
    kind: str
    named: bool


class Found(NamedTuple):
    """An attribution in words instead of characters, its source not yet resolved."""

    cue: Span
    source: Span | None
    content: list[Span]
    lemma: str
    cue_class: str
    frame: str


class Rules:
    """The patterns of attribution, compiled for a grammar."""

    # Sets of words and frames, and patterns, by their names in the language's file.
    speech: frozenset[str]
    speech_frames: frozenset[str]
    vague: frozenset[str]
    impersonal: frozenset[str]
    not_asked: frozenset[str]
    needs_that: frozenset[str]
    attributive: frozenset[str]
    sentence: re.Pattern[str]
    cue: re.Pattern[str]
    bracket_back: re.Pattern[str]
    auxiliaries: re.Pattern[str]
    subject_back: re.Pattern[str]
    inverted: re.Pattern[str]
    filler: re.Pattern[str]
    circumstance: re.Pattern[str]
    opening: re.Pattern[str]
    that: re.Pattern[str]
    np_start: re.Pattern[str]
    addressee: re.Pattern[str]
    addressee_short: re.Pattern[str]
    clause_end: re.Pattern[str]
    noun_end: re.Pattern[str]
    after_trail: re.Pattern[str]
    object_start: re.Pattern[str]
    sure_object: re.Pattern[str]
    shares: re.Pattern[str]
    bare_clause: re.Pattern[str]
    anything: re.Pattern[str]
    lead: re.Pattern[str]
    finite: re.Pattern[str]
    clause_start: re.Pattern[str]
    finite_or_inside: re.Pattern[str]
    first_comma: re.Pattern[str]
    asked_link: re.Pattern[str]
    light_link: re.Pattern[str]
    light_back: re.Pattern[str]
    name_run: re.Pattern[str]
    relative_head: re.Pattern[str]
    speaker: re.Pattern[str]
    noun_link: re.Pattern[str]
    owner: re.Pattern[str]
    adjective_link: re.Pattern[str]
    by_phrase: re.Pattern[str]
    chain: re.Pattern[str]
    byline: re.Pattern[str]
    main_clause: re.Pattern[str]
    main_verb: re.Pattern[str]
    goes_on: re.Pattern[str]
    when_back: re.Pattern[str]
    apposed: re.Pattern[str]
    credit: re.Pattern[str]
    inside: re.Pattern[str]
    unsaid: re.Pattern[str]
    when_asked: re.Pattern[str]
    that_follows: re.Pattern[str]
    told_whom: re.Pattern[str]
    says_who: re.Pattern[str]
    gerund: re.Pattern[str]
    reduced: re.Pattern[str]
    spoken_end: re.Pattern[str]

    def __init__(
        self,
        grammar: Grammar,
        patterns: Mapping[str, str],
        parts: Mapping[str, str],
        sources: SourceRules,
        speech_verbs: frozenset[str],
        sets: Mapping[str, frozenset[str]],
    ):
        self.grammar = grammar
        for name, words in sets.items():
            setattr(self, name, words)
        self.sources = sources
        self.speech_verbs = speech_verbs
        self.features = {character: features for features, character in grammar.characters.items()}
        self.tags_with: dict[str, frozenset[str]] = {
            feature: frozenset(character for character, features in self.features.items() if feature in features)
            for feature in frozenset().union(*self.features.values())
        }
        self.quoted = grammar.characters[frozenset({"quoted"})]
        self.speech_open = grammar.characters[frozenset({"open", "speech"})]
        self.line_end = grammar.characters[frozenset({"nl"})]
        self.speech_end = grammar.characters[frozenset({"close", "speech", "ending"})]
        self.speech_close = grammar.characters[frozenset({"close", "speech"})]
        for name, pattern in patterns.items():
            setattr(self, name, grammar.compile(pattern, parts))
        self.stops = self.tags_with["stop"]
        self.brackets = self.tags_with["rpar"]
        self.verbal = self.tags_with_any("be", "to", "verb", "past", "have", "modal", "ed")
        # What stands before a form that may be a verb, looked up for every cue.
        self.helping = self.tags_with_any("modal", "do", "neg", "have", "adv", "ly", "be")
        self.times = self.tags_with_any("time", "day")
        self.you = frozenset(grammar.tag(form) for word in self.impersonal for form in (word, word.capitalize()))
        self.adverbs = self.tags_with_any("adv", "ly")
        self.told = self.tags_with["address"]
        self.pronouns = self.tags_with_any("subj", "rel")
        self.nominal = self.tags_with_any("det", "poss", "gen", "of", "prep", "in")
        self.prepositions = self.tags_with_any("prep", "in")
        self.nouns = self.tags_with_any(*NOMINAL)
        self.before_past = self.tags_with_any(*NOMINAL, "close", "rpar", "and", "comma")
        # What the last auxiliary of a verb, a filler and a circumstance can be: most cues have none.
        self.auxiliary = self.tags_with_any("adv", "ly", "neg", "have", "be", "do", "modal", "aux_inf", "to", "day")
        # What the mark or word that opens a clause of content can be, and what stands before a source and is no part of it.
        self.opens = self.tags_with_any("comma", "colon", "open", "that", "prep", "in")
        self.leads = self.tags_with_any("and", "but", "sub", "close", "mark", "in", "prep", "day")
        self.filling = self.tags_with_any("adv", "ly", "prep", "in", "det", "day")
        self.nothing = re.compile(r"(?!)")
        # Patterns of one word, as sets of tags.
        self.sharing = self._matching(self.shares)
        self.phrase_starts = self._matching(self.np_start)
        # The same pairs of words come again and again.
        self.verb_after = lru_cache(None)(self._verb_after)

    def _matching(self, pattern: re.Pattern[str]) -> frozenset[str]:
        """Tags that a pattern of one word matches."""
        return frozenset(filter(pattern.match, self.features))

    def _verb_after(self, pair: str, auxiliary: bool) -> bool | None:
        """Whether a form that could be a noun or an adjective is a verb by the word before it; nothing where that doesn't tell.

        pair: the tags of the word before and of the form; auxiliary: whether the form has one.
        """
        before, features = pair[0], self.features[pair[1]]
        if auxiliary and before in self.helping:
            return not (before in self.tags_with["be"] and "base" in features and "past" not in features)
        if before in self.pronouns:
            determines = before in self.tags_with["det"]
            if not determines or (before in self.tags_with["subj"] and "mostly_nouns" not in features):
                return True
        if before in self.nominal:
            return "ing_cue" in features and before in self.prepositions and "mostly_nouns" not in features
        if "mostly_nouns" not in features:
            return True
        if "past" in features:
            return before in self.before_past
        return None if before in self.nouns else False

    def tags_with_any(self, *features: str) -> frozenset[str]:
        """Tags that stand for a set with one of these features."""
        return frozenset().union(*(self.tags_with[feature] for feature in features))


@lru_cache(maxsize=4)
def load_rules(name: str = "english") -> Rules:
    """The rules of a language by its name."""
    values = read_yaml(paths.LANGUAGES / f"{name}_attribution.yaml", positional={"irregular"})
    language = load_language(name)
    grammar = Grammar(values, language.abbreviations | set(values["abbreviations"]))
    sets = {name: frozenset(values[name]) for name in WORD_SETS}
    return Rules(grammar, values["patterns"], values["parts"], SourceRules(values), language.speech_verbs, sets)


class Article:
    """One text on its way through the rules."""

    def __init__(self, text: str, rules: Rules, marks: list[Quotation]):
        self.rules = rules
        self.text = text
        lexed = rules.grammar.lex(text)
        tags, starts = self.plain, self.starts = lexed.tags, lexed.starts
        self.size = len(tags)
        pieces: list[str] = []
        done = 0
        self.quotes: list[Span] = []
        self.nobodys: set[int] = set()  # quotations without a speaker, by their first character
        for mark in marks:
            if mark.end - mark.start < SHORTEST:
                continue
            first, end = bisect_left(starts, mark.start), bisect_left(starts, mark.end)
            if end - first - 2 > SHORT and first >= done:
                self.quotes.append((first, end))
                close = ""
                if mark.closed:
                    close = rules.speech_end if text[starts[end - 2]] in ".!?" else rules.speech_close
                pieces += (tags[done:first], rules.speech_open, rules.quoted * (end - first - 1 - len(close)), close)
                done = end
        pieces.append(tags[done:])
        self.quote_starts = {end: first for first, end in self.quotes}  # by the end
        self.quote_ends = dict(self.quotes)  # by the start
        self.tags = "".join(pieces)
        self.reversed = self.tags[::-1]
        self.bounds = self._sentences()
        self.headlines: dict[int, bool] = {}  # by the first word of a sentence

    def _sentences(self) -> list[int]:
        """First words of sentences, with the end of the text last."""
        rules, tags = self.rules, self.tags
        ends = [match.end() for match in rules.sentence.finditer(tags)]
        inner = [
            end
            for end in ends
            if not (tags[end - 1] in rules.brackets and rules.bracket_back.match(self.reversed, self.size - end))
            and end < self.size
        ]
        bounds = [0, *inner, self.size]
        return bounds if self.size <= LONGEST_SENTENCE else [*_cut(bounds), self.size]

    @cached_property
    def labels(self) -> Counter[str]:
        """How often each label before a colon opens a line: speakers of a transcript come again and again."""
        return Counter(_LABEL.findall(self.text))

    @cached_property
    def is_transcript(self) -> bool:
        """Whether some label comes again."""
        return max(self.labels.values(), default=0) > 1

    def word(self, k: int) -> str:
        """A word in small letters, without the spaces after it."""
        return self.text[self.starts[k] : self.starts[k + 1]].strip().lower()

    def headline(self, s: int, e: int) -> bool:
        """Whether a sentence is set in capitals or with most words capitalised."""
        if s not in self.headlines:
            self.headlines[s] = sum(self.text[start].isupper() for start in self.starts[s:e]) > 0.6 * (e - s)
        return self.headlines[s]


def _cut(bounds: list[int]) -> Iterator[int]:
    """First words of sentences, and of the pieces of those that are too long."""
    for start, end in pairwise(bounds):
        yield from range(start, max(end, start + 1), LONGEST_SENTENCE)


def _subject(article: Article, at: int, floor: int) -> Span | None:
    """The subject that ends before word `at`, not before `floor`."""
    rules, n = article.rules, article.size
    if at <= floor or at in article.quote_starts:
        return None
    match = rules.subject_back.match(article.reversed, n - at, n - floor)
    if match is None:
        return None
    group = match.lastgroup
    a, b = match.span(group)
    start, end = n - b, n - a
    if group == "named" or (group == "described" and rules.features[article.tags[end + 1]] & {"rel", "plain"}):
        end = at - 1
    if group != "pronoun":
        if article.tags[start] in rules.leads:
            start = rules.lead.match(article.tags, start, end).end()
        if article.tags[end - 1] in rules.times and (when := rules.when_back.match(article.reversed, n - end, n - start)):
            end = n - when.end()
        if start > floor and article.tags[start - 1] in rules.prepositions:
            # `... in the north and Venn said`
            start = max((k + 1 for k in range(start, end) if article.tags[k] in rules.tags_with["and"]), default=start)
    if end - start == 1 and article.tags[start] in rules.tags_with["num"] and article.tags[start - 1] in rules.prepositions:
        # `founded in 1920`
        return None
    return (start, end) if end > start else None


def _verb_start(article: Article, i: int, s: int) -> int:
    """The first word of the verb whose last is word `i` of a sentence that starts at `s`: its first auxiliary or itself."""
    rules, n = article.rules, article.size
    if i == s or article.tags[i - 1] not in rules.auxiliary:
        return i
    return n - rules.auxiliaries.match(article.reversed, n - i, n - s).end()


def find(article: Article) -> list[Found]:
    """All attributions of an article, in words."""
    rules, tags, bounds = article.rules, article.tags, article.bounds
    found: list[Found] = []
    last: Span | None = None
    k, s, e = 0, 0, bounds[1]
    features, line_end, prepositions = rules.features, rules.line_end, rules.prepositions
    for match in rules.cue.finditer(tags):
        i = match.start()
        if i >= e:
            while bounds[k + 1] <= i:
                k += 1
            s, e = bounds[k], bounds[k + 1]
            last = None
        end = e - 1 if e - 1 > s and tags[e - 1] == line_end else e
        result = _attribution(article, i, s, end, features[tags[i]], article.word(i), last)
        if result is not None and (
            _impersonal(article, result.source)
            or (result.frame in rules.not_asked and article.text[article.starts[end - 1]] == "?")
        ):
            continue
        if result is not None and result.content[0][1] > result.content[0][0]:
            after = result.cue[1]
            found.append(_with_circumstance(article, result, end) if after < end and tags[after] in prepositions else result)
            if result.frame != "cue_noun":
                last = result.source or last
    return _claim_quotations(article, _outermost(found))


def _impersonal(article: Article, source: Span | None) -> bool:
    """Whether a source is a word for nobody in particular, such as `you`."""
    rules = article.rules
    if source is None or source[1] - source[0] != 1 or article.tags[source[0]] not in rules.you:
        return False
    return article.word(source[0]) in rules.impersonal


def _attribution(article: Article, i: int, s: int, e: int, features: frozenset[str], form: str, last: Span | None) -> Found | None:
    """The attribution of the cue at word `i` of the sentence [s, e), if it is one; `last`: the source before it there."""
    result = None
    if "light_nouns" in features:
        result = _light(article, i, s, e, form)
    if result is None and "cue" in features:
        result = _verb(article, i, s, e, features, form, last)
    if result is None and "cue_noun" in features:
        result = _noun(article, i, s, e, form)
    if result is not None or "cue" in features or "cue_noun" in features:
        return result
    if "according" in features:
        return _according(article, i, s, e)
    if "colon" in features:
        return _colon(article, i, s, e)
    if "adjectives" in features:
        return _adjective(article, i, s, e, form)
    if "reportedly" in features:
        end = _content_end(article, i + 1, e, article.rules.clause_end)
        return Found((i, i + 1), None, [(i + 1, end)], form, "doubting", "adverb") if end > i + 1 else None
    return None


def _with_circumstance(article: Article, found: Found, e: int) -> Found:
    """The attribution with the time, place or medium straight after its cue as part of the cue: `said in a statement`."""
    a, b = found.cue
    match = article.rules.circumstance.match(article.tags, b, e)
    if match is None or any(start < match.end() and b < end for start, end in (*found.content, *filter(None, [found.source]))):
        return found
    return found._replace(cue=(a, match.end()))


def _outermost(found: list[Found]) -> list[Found]:
    """Attributions whose cue is the outlet's: a cue inside another's content is that source's word, unless its frame is sure."""
    spans = sorted([(a, b, k) for k, f in enumerate(found) for a, b in f.content])
    starts = [a for a, _, _ in spans]
    reach = list(accumulate([b for _, b, _ in spans], max))  # the last end of the spans up to each
    kept = []
    for k, f in enumerate(found):
        if f.frame not in SURE_FRAMES:
            at = f.cue[0]
            end = bisect_right(starts, at)
            if end and reach[end - 1] > at:
                around = [other for _, b, other in spans[max(0, end - NEARBY) : end] if b > at and other != k]
                if any(not _within(found[other].cue[0], f.content) for other in around):
                    continue
        kept.append(f)
    return kept


def _within(at: int, spans: list[Span]) -> bool:
    """Whether a word stands in one of the spans."""
    return any(a <= at < b for a, b in spans)


def _claim_quotations(article: Article, found: list[Found]) -> list[Found]:
    """Give every quotation outside all contents to the attribution before it, or to the one after where none came before."""
    if not (found and article.quotes):
        return found
    covered = sorted([span for f in found for span in f.content])
    extra: dict[int, list[Span]] = {}
    cues = [f.cue[0] for f in found]
    position = 0
    for first, end in article.quotes:
        while position < len(covered) and covered[position][1] <= first:
            position += 1
        if any([a <= first and end - 1 <= b for a, b in covered[max(0, position - 3) : position + 3]]):
            continue
        owner = max(bisect_right(cues, first) - 1, 0)
        if _in_reach(article, found[owner].cue, (first, end)):
            extra.setdefault(owner, []).append((first, end))
        else:
            article.nobodys.add(article.starts[first])
    return [f._replace(content=sorted(f.content + extra[k])) if k in extra else f for k, f in enumerate(found)]


def _in_reach(article: Article, cue: Span, quote: Span) -> bool:
    """Whether a quotation outside all contents can be that attribution's: near enough, and not a title, as `“C,” by X`."""
    rules, tags, text, starts = article.rules, article.tags, article.text, article.starts
    a, b = (cue[1], quote[0]) if cue[0] < quote[0] else (quote[1], cue[0])
    if rules.credit.match(tags, quote[1]):
        return True
    if rules.byline.match(tags, quote[1]) or _TITLE.fullmatch(text, starts[quote[0]] + 1, starts[quote[1] - 1]):
        return False
    inside = quote[0] > 0 and rules.inside.match(tags[quote[0] - 1])
    return b - a - tags.count(rules.quoted, a, b) <= (REACH_INSIDE if inside else REACH)


def _content_end(article: Article, j: int, e: int, pattern: re.Pattern[str]) -> int:
    match = pattern.search(article.tags, j + 1, e)
    end = match.start() if match else e
    while end > j and article.tags[end - 1] in article.rules.stops:
        end -= 1
    return end


def _according(article: Article, i: int, s: int, e: int) -> Found | None:
    rules, tags = article.rules, article.tags
    if i + 1 >= e or tags[i + 1] not in rules.tags_with["to"]:
        return None
    leading = i - s <= 1 or (i - s == 2 and tags[s] in rules.adverbs and tags[i - 1] in rules.tags_with["comma"])
    match = rules.inverted.match(tags, i + 2, e)
    if match is None:
        return None
    end = match.end()
    if leading:
        end = _content_end(article, i + 2, e, rules.noun_end)
        aside = rules.apposed.match(tags, end, e)
        end = aside.end() if aside else end
        content = (end + 1, _content_end(article, end + 1, e, rules.clause_end)) if end + 1 < e else None
    else:
        content = (s, i - 1 if tags[i - 1] in rules.tags_with["comma"] else i)
    source = (i + 2, end)
    if content is None or content[1] <= content[0]:
        return None
    rest = (end + 1, _content_end(article, end + 1, e, rules.clause_end)) if end + 1 < e else (end, end)
    goes_on = (
        not leading
        and tags[end : end + 1] in rules.tags_with["comma"]
        and rules.goes_on.match(tags, end + 1, e)
        and rest[1] > rest[0]
    )
    return Found((i, i + 2), source, [content, rest] if goes_on else [content], "according", "neutral", "according")


def _colon(article: Article, i: int, s: int, e: int) -> Found | None:
    """`Name: content` where a line begins so: headlines, and transcripts with names in capitals or a quotation; with a quotation
    also where a sentence begins so."""
    rules, tags = article.rules, article.tags
    quotation = article.quote_ends.get(i + 1, 0)
    starts = s == 0 or quotation or tags[s - 1] in rules.tags_with["nl"]
    if not (0 < i - s <= (MOST_LABEL if quotation else 8) and starts and rules.speaker.fullmatch(tags, s, i) and e - i > 3):
        return None
    name = article.text[article.starts[s] : article.starts[i]]
    if s > 0 and not (
        (name.isupper() and len(name) > 3)
        or tags[i + 1] in rules.tags_with["open"]
        or article.labels[name.strip()] > 1
        or (i - s <= 3 and article.is_transcript)
    ):
        return None
    line = tags.find(rules.line_end, i)
    end = quotation or _content_end(article, i + 1, line if line > 0 else article.size, rules.nothing)
    bracket = next((k for k in range(s + 1, i) if tags[k] in rules.tags_with["lpar"]), i)
    return Found((i, i + 1), (s, bracket), [(i + 1, end)], ":", "neutral", "speaker") if end > i + 1 else None


def _noun(article: Article, i: int, s: int, e: int, form: str) -> Found | None:
    """`X's claim that C`, `the claim that C`, `his criticism of C`."""
    rules, tags, n = article.rules, article.tags, article.size
    if i + 2 >= e:
        return None
    after = rules.noun_link.match(tags, i + 1, e)
    if after is None:
        return None
    owner = rules.owner.match(article.reversed, n - i, n - s)
    that = tags[i + 1] in rules.tags_with["that"]
    if not that and (owner is None or tags[i] in rules.tags_with["clause_noun"]):
        return None
    source = None
    a = i
    if owner is not None:
        a = n - owner.end("adjectives")
        source = (rules.lead.match(tags, n - owner.end(), a).end(), a)
    j = i + 1 if that else after.end()
    content = (j, _content_end(article, j, e, rules.noun_end if not that else rules.clause_end))
    if content[1] <= j:
        return None
    return Found((a, j), source, [content], form, rules.grammar.cue_class.get(form + "/n", "neutral"), "cue_noun")


def _light(article: Article, i: int, s: int, e: int, form: str) -> Found | None:
    """`X issued a statement saying`, `X expressed doubts about C`: a verb of little meaning and a noun of saying or feeling."""
    rules, tags, n = article.rules, article.tags, article.size
    link = rules.light_link.match(tags, i + 1, e)
    if link is None:
        return None
    before = rules.light_back.match(article.reversed, n - i, n - s)
    if before is None:
        return None
    a = n - before.end()
    source = _subject(article, a, s) or _nearest_subject(article, s, a)
    j = link.end()
    content = (j, _content_end(article, j, e, rules.noun_end if j > i + 1 else rules.clause_end))
    if source is None or content[1] <= j:
        return None
    return Found((a, j), source, [content], form, rules.grammar.cue_class.get(form + "/n", "neutral"), "light")


def _asked(article: Article, i: int, e: int) -> Found | None:
    """`Asked whether C, X said`: the asker mostly has no name."""
    rules, tags = article.rules, article.tags
    by = rules.by_phrase.match(tags, i + 1, e)
    j = by.end() if by else rules.filler.match(tags, i + 1, e).end()
    link = rules.asked_link.match(tags, j, e)
    if link is None:
        return None
    k = link.end()
    return Found(
        (i, k if k > j == i + 1 else i + 1),
        by.span("agent") if by else None,
        [(k, _content_end(article, k, e, rules.first_comma))],
        "ask",
        "neutral",
        "asked",
    )


def _adjective(article: Article, i: int, s: int, e: int, form: str) -> Found | None:
    """`X is sure that C`, `X is eager to C`."""
    rules, tags = article.rules, article.tags
    after = rules.adjective_link.match(tags, i + 1, e)
    if after is None or i == s:
        return None
    a = _verb_start(article, i, s)
    if a == i or not any(t in rules.tags_with["be"] for t in tags[a:i]):
        if tags[a - 1] in rules.tags_with["be_inside"]:
            a -= 1
        else:
            return None
    source = _subject(article, a, s)
    if source is None or article.word(source[0]) in ("it", "this", "that"):
        source = None
    j = after.end()
    return Found((a, j), source, [(j, _content_end(article, j, e, rules.noun_end))], form, "neutral", "adjective")


def _passive(
    article: Article, i: int, a: int, s: int, e: int, lemma: str, cue_class: str, features: frozenset[str]
) -> Found | None:
    """`X is expected to C`, `X was asked whether C`, `X was criticized by Y for C`."""
    rules, tags = article.rules, article.tags
    subject = _subject(article, a, s)
    j = i + 1
    source = None
    by = rules.by_phrase.match(tags, j, e)
    if by:
        source = by.span("agent")
        j = by.end()
    if j >= e:
        return None
    opened = rules.opening.match(tags, j, e)
    j = opened.end() if opened else j
    link = (
        bool(opened)
        or tags[j] in rules.tags_with["to"]
        or tags[j] in rules.tags_with["wh"]
        or tags[j] in rules.tags_with["that"]
        or tags[j] in rules.tags_with["as"]
    )
    if not ((link and ("passive" in features or by)) or by):
        return None
    content = []
    if subject and article.word(subject[0]) != "it":
        content.append(subject)
    if link or (by and tags[j] in rules.tags_with["prep"]):
        content.append((j, _content_end(article, j, e, rules.noun_end)))
    content = [c for c in content if c[1] > c[0]]
    return Found((a, i + 1), source, content, lemma, cue_class, "passive") if content else None


def _is_verb(article: Article, i: int, s: int, features: frozenset[str], auxiliary: bool) -> bool:
    """Whether a form that could be a noun or an adjective is a verb here, by the words beside it."""
    if i == s:
        return "ing_cue" in features or ("participle" in features and "base" not in features)
    rules, tags = article.rules, article.tags
    told = tags[i - 1] in rules.pronouns or (auxiliary and tags[i - 1] in rules.helping)
    if "third" in features and not told and article.word(i - 1) in rules.attributive:
        return False
    verdict = rules.verb_after(tags[i - 1 : i + 1], auxiliary)
    if verdict is not None:
        return verdict
    if "base" in features:
        word = article.word(i - 1)
        return word.endswith("s") and not word.endswith("'s") and bool(rules.object_start.match(tags, i + 1))
    following = rules.object_start if tags[i - 1] in rules.tags_with["cap"] else rules.sure_object
    return bool(following.match(tags, i + 1))


def _nearest_subject(article: Article, s: int, i: int) -> Span | None:
    """The subject of the nearest clause before a word: `X shook her head and said`, `X left, saying`."""
    rules, tags, n = article.rules, article.tags, article.size
    for match in islice(rules.finite.finditer(article.reversed, n - i, n - s), VERBS_BACK):
        verb = n - match.end()
        at = _verb_start(article, verb, s)
        subject = _subject(article, at, s)
        if subject and (
            subject[0] == s or rules.clause_start.match(tags[subject[0] - 1]) or tags[subject[0]] in rules.tags_with["subj"]
        ):
            return subject
    return None


def _verb(article: Article, i: int, s: int, e: int, features: frozenset[str], form: str, last: Span | None) -> Found | None:
    """The attribution whose cue is the verb at word `i`, with its auxiliaries; passives and `Asked ...` have rules of their own."""
    rules, tags, n = article.rules, article.tags, article.size
    tags_with = rules.tags_with
    if "up" in features and i > s and not article.headline(s, e):
        return None
    lemma = rules.grammar.lemma[form]
    cue_class = rules.grammar.cue_class[lemma]
    a = i
    aux: list[str] = []
    be = infinitive = False
    before = tags[i - 1] if i > s else ""
    if before in rules.auxiliary:
        a = _verb_start(article, i, s)
        while a < i and (
            tags[a] in tags_with["sub"] or (a > s and tags[a] in tags_with["adv"] and tags[a - 1] in tags_with["comma"])
        ):
            a += 1
        aux = [t for t in tags[a:i] if t not in tags_with["adv"]]
        be = not tags_with["be"].isdisjoint(aux)
        before = tags[a - 1] if a > s else ""
        infinitive = before in tags_with["to"]
    if infinitive:
        chain = rules.chain.match(article.reversed, n - a, n - s)
        purpose = chain is None
        a = a - 1 if purpose else n - chain.end()
        before = tags[a - 1] if a > s else ""
    if be and "participle" in features and tags[i - 1] not in tags_with["have"]:
        return _passive(article, i, a, s, e, lemma, cue_class, features)
    if i == s and lemma == "ask" and "participle" in features:
        return _asked(article, i, e)
    if infinitive and purpose:
        subject = _nearest_subject(article, s, a)
        content = _purpose(article, i, e, features, lemma)
        return Found((a, i + 1), subject, content, lemma, cue_class, "purpose") if subject and content else None
    if not infinitive and not _is_verb(article, i, s, features, bool(aux)):
        return None
    if "participle" in features and not aux:
        if rules.reduced.match(tags, i + 1, e):
            return None
        if before in tags_with["sub"] and before not in tags_with["subj"]:
            # `when asked`, `if told`: the subject is who hears it.
            return _asked(article, i, e) if lemma == "ask" else None
    subject = _subject(article, a, s) if before else None
    if before in tags_with["be_inside"] and "ing_cue" not in features and before not in tags_with["gen"]:
        return None
    if "ing_cue" in features and i > s and tags[i - 1] in tags_with["light_nouns"]:
        # `X issued a statement saying`: the verb and the noun are part of the cue.
        light = rules.light_back.match(article.reversed, n - i + 1, n - s)
        owner = light and (_subject(article, n - light.end(), s) or _nearest_subject(article, s, n - light.end()))
        if owner:
            a, subject = n - light.end(), owner
    # Content before the cue.
    if "trail" in features and ("ing_cue" not in features or aux):
        trail = _trail(article, i, a, s, e, subject)
        if trail is not None:
            source, content = trail
            return Found((a, i + 1), source, content, lemma, cue_class, "trail")
    if (
        (subject is None or (subject[0] > s and tags[subject[0] - 1] in rules.verbal))
        and before
        and rules.relative_head.match(tags, s, a)
    ):
        subject = (s, a)
    if subject is None:
        if before not in rules.sharing if before else "ing_cue" not in features:
            return None
        spoken = "trail" in features and last is not None and last[0] >= s
        subject = last if spoken else _nearest_subject(article, s, a) or last
    after = _after(article, i, e, features, lemma)
    if after is None:
        return None
    cue_end, j, ends, frame = after
    if ends is rules.clause_end and subject and s < subject[0] < i:
        opener = tags[subject[0] - 1]
        if opener in tags_with["sub"] and subject[0] - s <= FRONTED:
            # `After Venn said that C, the port closed.`
            ends = rules.main_clause
        elif opener in tags_with["comma"] and tags[subject[0]] in tags_with["rel"]:
            # `Venn, who said that C, left.`
            ends = rules.main_verb
    return Found((a, cue_end), subject, [(j, _content_end(article, j, e, ends))], lemma, cue_class, frame)


def _after(article: Article, i: int, e: int, features: frozenset[str], lemma: str) -> tuple[int, int, re.Pattern[str], str] | None:
    """What follows the verb at word `i`: the cue's end, the content's start, the pattern that ends it, and the frame."""
    rules, tags, tags_with = article.rules, article.tags, article.rules.tags_with
    spoken = features & SPOKEN
    filled = rules.filler.match(tags, i + 1, e).end() if i + 1 < e and tags[i + 1] in rules.filling else i + 1
    opened = tags[filled : filled + 1] in rules.opens and (
        rules.opening.match(tags, filled, e) or rules.that.match(tags, filled, e)
    )
    if opened:
        return (i + 1, opened.end(), rules.clause_end, "clause") if spoken or "noun" in features else None
    if spoken and filled + 1 < e and tags[filled] in tags_with["colon"]:
        return i + 1, filled + 1, rules.clause_end, "colon"
    j = i + 1
    if j >= e or rules.when_asked.match(tags, filled, e):
        return None
    if "particle" in features and j + 1 < e and article.word(j) in rules.grammar.particles[lemma]:
        following = tags[j + 1]
        if (
            following in rules.phrase_starts or following in tags_with["wh"] or following in tags_with["that"]
        ) and following not in tags_with["day"]:
            return j + 1, j + 1, rules.clause_end if following in tags_with["that"] else rules.noun_end, "particle"
    if tags[j] in tags_with["to"] and "inf" in features:
        return j, j, rules.noun_end, "inf"
    if filled > j and filled + 1 < e and tags[filled] in tags_with["to"] and "inf" in features:
        return j, filled, rules.noun_end, "inf"
    if tags[j] in tags_with["wh"] and "clause" in features:
        return j, j, rules.clause_end, "wh"
    if "of_deed" in features and tags[j : j + 1] in rules.phrase_starts:
        return i + 1, j, rules.clause_end, "accuse"
    if "address" in features:
        if "noun" not in features and rules.told_whom.match(tags, j, e):
            return None
        match = rules.addressee.match(tags, j, e) or rules.addressee_short.match(tags, j, e)
        if match and ("inf" in features or tags[match.end() : match.end() + 1] not in tags_with["to"]):
            k = match.end()
            k += tags[k] in tags_with["colon"]
            # Who is urged to do something is part of what is urged.
            return i + 1, j if tags[k : k + 1] in tags_with["to"] and "inf" in features else k, rules.clause_end, "address"
    if tags[filled : filled + 1] in rules.phrase_starts:
        sure = "noun" not in features and rules.finite_or_inside.search(tags, filled, e)
        if "clause" in features and lemma not in rules.needs_that and (sure or rules.bare_clause.match(tags, filled, e)):
            return i + 1, filled, rules.clause_end, "bare"
        if "noun" in features:
            return i + 1, j, rules.noun_end, "noun"
    if len(spoken) == 2 and filled < e and rules.anything.match(tags, filled):
        return i + 1, filled, rules.clause_end, "bare"
    return None


def _purpose(article: Article, i: int, e: int, features: frozenset[str], lemma: str) -> list[Span]:
    """The content of a cue in a clause of purpose: `X used the rally to attack C`."""
    rules, tags = article.rules, article.tags
    j = i + 1
    if j >= e:
        return []
    if "particle" in features and article.word(j) in rules.grammar.particles[lemma]:
        j += 1
    elif not (features & {"noun", "clause", "address", "of_deed"}):
        return []
    if j >= e or not (
        tags[j : j + 1] in rules.phrase_starts or tags[j] in rules.tags_with["that"] or tags[j] in rules.tags_with["wh"]
    ):
        return []
    end = _content_end(article, j, e, rules.noun_end)
    return [(j, end)] if end > j else []


def _trail(article: Article, i: int, a: int, s: int, e: int, subject: Span | None) -> tuple[Span | None, list[Span]] | None:
    """Source and content where the content stands before the cue: `C, X said` and `C, said X`."""
    rules, tags = article.rules, article.tags
    tags_with = rules.tags_with
    if subject and subject[1] < a and tags[i] not in rules.told and rules.says_who.match(tags, i + 1, e):
        # `... piers, quays and sheds, said Venn.`
        subject = None
    start = subject[0] if subject else a
    if subject is None:
        match = rules.inverted.match(tags, i + 1, e)
        source = match.span() if match and tags[i + 1] not in tags_with["open"] else None
    else:
        source = subject
    k = start - 1
    if k >= s and tags[k] not in tags_with["close"] and not (tags[k] in tags_with["comma"] and tags[k - 1] in tags_with["close"]):
        after = source[1] if subject is None and source else i + 1
        ended = rules.after_trail.match(tags, after, e) or (tags[i] in rules.told and rules.told_whom.match(tags, after, e))
        if not ended:
            return None
        more = tags[after + 1 : after + 2]
        if (
            tags[after] in tags_with["comma"]
            and source
            and after + 1 < e
            and not (more in tags_with["ing_cue"] and more in tags_with["trail"])
        ):
            if k == s and tags[k] in tags_with["as"]:
                k = s
            rest = (after + 1, _content_end(article, after + 1, e, rules.nothing))
            return source, [(s, k), rest] if k > s else [rest]
        if not (
            tags[after : after + 1] in tags_with["stop"] and "third" in rules.features[tags[i]]
        ) and not rules.finite_or_inside.search(tags, s, k):
            return None
    elif (
        k >= s
        and tags[s] not in tags_with["open"]
        and rules.that_follows.match(tags, source[1] if subject is None and source else i + 1, e)
    ):
        # `While Brandt spoke of “rust,” Venn said that it rained.`
        return None
    if k < s:
        # The quotation is the sentence before: it ended in ! or ?, or nothing else is told.
        if s not in article.quote_starts or source is None or tags[s - 1] in tags_with["nl"]:
            return None
        after = max(source[1], i + 1)
        open_end = article.text[article.starts[s - 2]] in "!?,"
        if not open_end and not rules.spoken_end.match(tags, after, e + 1):
            return None
        return source, [(article.quote_starts[s], s)]
    if tags[k] in tags_with["as"]:
        # `C, as X said`
        k -= 1
    if k < s or not (tags[k] in tags_with["comma"] or tags[k] in tags_with["close"]):
        return None
    if tags[k] in tags_with["close"]:
        end = k + 1
    else:
        end = k
        if k - 1 >= s and tags[k - 1] in tags_with["close"]:
            end = k
    if end - s < 2:
        return None
    if source is None:
        return None
    return source, [(s, end)]


def _spoken(article: Article, found: Found) -> bool:
    """Whether an attribution is an act of saying or writing: by cue and frame, with a source, neither denied nor only possible."""
    rules, tags = article.rules, article.tags
    if found.lemma not in rules.speech or found.frame not in rules.speech_frames or found.source is None:
        return False
    start, end = found.source
    if end - start == 1 and article.word(start) in rules.vague:
        return False
    if found.frame == "speaker" and start == 0 and tags[found.content[0][0]] not in rules.tags_with["open"]:
        # A headline's `Topic: what happened`.
        return False
    first, end = found.cue
    return not (rules.unsaid.search(tags, first, end) or (first > 0 and rules.gerund.match(tags, first - 1)))


class Reading(NamedTuple):
    """What the rules read in one text: attributions in order of their cues, and the quotations."""

    attributions: list[Attribution]
    quotations: list[Quotation]


def read_voices(text: str, rules: Rules, speakers: bool = True) -> Reading:
    """Attributions and quotations of one repaired text (`pipeline.typography.repair`); speakers: whether sources are resolved, a
    third of the work.
    """
    marks = quotations(text, rules.speech_verbs)
    article = Article(text, rules, marks)
    starts = article.starts

    def characters(span: Span) -> Span:
        start, end = starts[span[0]], starts[span[1]]
        while end > start and text[end - 1].isspace():
            end -= 1
        return start, end

    attributed = find(article)
    marks = [mark._replace(voice=MARKED) if mark.start in article.nobodys else mark for mark in marks]
    # Without spans of blanks alone, which odd control characters in unrepaired text leave.
    found, contents, sources = [], [], []
    for f in attributed:
        if content := [span for span in map(characters, f.content) if span[1] > span[0]]:
            found.append(f)
            contents.append(tuple(content))
            source = characters(f.source) if f.source else None
            sources.append(source if source and source[1] > source[0] else None)
    if speakers:
        spans = [match.span() for match in rules.name_run.finditer(article.plain)] if any(sources) else []
        runs = [(starts[a], text[starts[a] : starts[b]].rstrip()) for a, b in spans]
        resolved = resolve_sources(text, sources, runs, rules.sources)
    else:
        resolved = [UNRESOLVED_SPEAKER] * len(sources)
    return Reading(
        [
            Attribution(characters(f.cue), source, content, f.lemma, f.cue_class, f.frame, _spoken(article, f), *speaker)
            for f, source, content, speaker in zip(found, sources, contents, resolved, strict=True)
        ],
        marks,
    )


def attributions(text: str, rules: Rules | None = None) -> list[Attribution]:
    """Attributions of a repaired text in order of their cues."""
    return read_voices(text, rules or load_rules()).attributions


def voice_spans(text: str, reading: Reading) -> list[tuple[int, int, int]]:
    """Spans (start, end, voice) of a text that are not the outlet's own words, in order, without overlaps.

    Quotations keep the voice they have, but a marked phrase of two words or more inside attributed content is the source's word
    and so DIRECT, unless it looks like the title of a work. A single word in marks stays MARKED: whose distance it shows is open.
    Attributed content outside quotations is REPORTED.
    """
    content = _merged(span for a in reading.attributions for span in a.content)
    spans = []
    position = 0
    quotes = []
    for mark in reading.quotations:
        while position < len(content) and content[position][1] <= mark.start:
            position += 1
        inside = position < len(content) and content[position][0] <= mark.start
        speech = mark.voice == DIRECT or (
            inside and " " in text[mark.start : mark.end] and not _TITLE.fullmatch(text, mark.start + 1, mark.end - 1)
        )
        quotes.append((mark.start, mark.end, DIRECT if speech else MARKED))
    position = 0
    for start, end in content:
        while position < len(quotes) and quotes[position][1] <= start:
            position += 1
        k = position
        while start < end:
            if k < len(quotes) and quotes[k][0] < end:
                if quotes[k][0] > start:
                    spans.append((start, quotes[k][0], REPORTED))
                start = max(start, quotes[k][1])
                k += 1
            else:
                spans.append((start, end, REPORTED))
                break
    return sorted(spans + quotes)


# Possessive, and with something between words: no text can be cut into words in more ways than one.
_TITLE = re.compile(r"(?:[A-Z0-9][\w'.-]*+(?:[ ,!?:]++|\Z)|(?:the|of|a|an|and|in|on|for|to|with) )+")


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap made one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
