"""In which language somebody in treatment reads."""

from django.conf import settings

from accounts.reading import is_known
from patients.models import Patient


def reading_language(patient: Patient) -> str:
    """In which language to print for and write to them: as they chose themselves, else as the clinic noted."""
    chosen = [patient.user.language if patient.user else "", patient.language]
    return next((language for language in chosen if is_known(language)), settings.LANGUAGE_CODE)
