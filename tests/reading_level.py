"""How hard an English text is to read, in years of school.

Flesch–Kincaid grade: 0.39 × words a sentence + 11.8 × syllables a word - 15.59. An eleven-year-old is in grade 5 to 6.

Source: Kincaid JP et al. 1975, Derivation of new readability formulas for Navy enlisted personnel, Research Branch
Report 8-75. Syllables are counted by groups of vowels, which is ours, and a little too many for a few words.
"""

import re

SILENT = re.compile(r"(?<=[^laeiouy])e$|(?<=[^laeiouysxzhcg])es$|(?<=[aeiou]l)es?$|(?<=[^aeiouydt])ed$")


def syllables(word: str) -> int:
    """How many syllables an English word has, about."""
    word = re.sub(r"[^a-z]", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", SILENT.sub("", word)))) if word else 0


def grade(text: str) -> float:
    """Years of school that a text asks of a reader. Text without a word asks none."""
    words = re.findall(r"[A-Za-z’'-]+", text)
    sentences = [each for each in re.split(r"[.!?:]+(?:\s|$)|\n", text) if re.search("[A-Za-z]", each)]
    if not words:
        return 0.0
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
