"""The catalogue in Django's admin. Each save is a release, so that a permissibility report can name it."""

from stretches.admin import advice, conditions, contraindications, exchange, photos, poses, stretches, texts, words

__all__ = ["advice", "conditions", "contraindications", "exchange", "photos", "poses", "stretches", "texts", "words"]
