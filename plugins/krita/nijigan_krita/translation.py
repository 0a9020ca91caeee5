# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts in the language that Krita speaks."""

import re
from typing import Dict, List, Mapping, NamedTuple, Pattern, Tuple

from nijigan_krita.languages import de, ja

CATALOGUES: Mapping[str, Mapping[str, str]] = {"de": de.MESSAGES, "ja": ja.MESSAGES}
_GAP = re.compile(r"\{(\w+)\}")


class Translation(NamedTuple):
    """Says English texts in another language; in English where it has none for them.

    A catalogue's keys are the English texts, with a name in braces for each part that varies. What
    comes from shared code and from the sidecar is whole sentences, in which those parts are found.
    """

    messages: Mapping[str, str]
    patterns: Tuple[Tuple[Pattern[str], str], ...]

    def __call__(self, text: str, **parts: object) -> str:
        """Return `text` in this language, with `parts` in its gaps."""
        return self.messages.get(text, text).format(**parts)

    def sentence(self, text: str) -> str:
        """Return a finished English text in this language."""
        if text in self.messages:
            return self.messages[text]
        for pattern, words in self.patterns:
            found = pattern.fullmatch(text)
            if found:
                parts = {name: self.sentence(part) for name, part in found.groupdict().items()}
                return words.format(**parts)
        return text

    def sentences(self, text: str) -> str:
        """The same for several sentences, such as a fact and a remedy."""
        whole = self.sentence(text)
        if whole != text:
            return whole
        return " ".join(self.sentence(part) for part in re.split(r"(?<=\.) (?=[A-Z])", text))


def translation(languages: List[str]) -> Translation:
    """Return the first of `languages` that there is, such as "de-DE", or English."""
    for language in languages:
        code = re.split(r"[-_]", language)[0].lower()
        if code == "en":
            break
        if code in CATALOGUES:
            messages = CATALOGUES[code]
            return Translation(messages, _patterns(messages))
    return Translation({}, ())


def _patterns(messages: Mapping[str, str]) -> Tuple[Tuple[Pattern[str], str], ...]:
    varied: Dict[str, str] = {text: words for text, words in messages.items() if _GAP.search(text)}
    longest_first = sorted(varied.items(), key=lambda item: -len(item[0]))
    return tuple((_pattern(text), words) for text, words in longest_first)


def _pattern(text: str) -> Pattern[str]:
    pieces = _GAP.split(text)  # texts and names of gaps in turn
    expression = "".join(
        f"(?P<{piece}>.+?)" if number % 2 else re.escape(piece)
        for number, piece in enumerate(pieces)
    )
    return re.compile(expression, re.DOTALL)
