"""The library's templates, read from a file and kept as the file has them. A clinic's own are never touched.

The file names stretches; their doses are the catalogue's, so that the two cannot disagree.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from prescriptions.models import DOSE_FIELDS, Template, TemplateLine, TemplatePhase
from stretches.models import Source, Stretch

SHIPPED = Path(__file__).parent / "data" / "templates.json"


class LibraryError(Exception):
    """The file cannot be used; the message names the template and what is wrong with it. Nothing was changed."""


@dataclasses.dataclass
class Loaded:
    """How many templates are new, changed, the same, and retired because the file has them no longer."""

    new: int = 0
    changed: int = 0
    same: int = 0
    retired: int = 0


def load(path: Path = SHIPPED) -> Loaded:
    """Bring the library to what the file says; a second time changes nothing. Raises ``LibraryError``.

    A template that the file has no longer is retired, for prescriptions may have come from it.
    """
    content = _read(path)
    loaded = Loaded()
    with transaction.atomic():
        keeper = _Keeper(
            sources={source.slug: source for source in Source.objects.all()},
            stretches={stretch.slug: stretch for stretch in Stretch.objects.of_library()},
            sign_off=content["meta"]["sign_off"],
        )
        library = {each.slug: each for each in Template.objects.filter(clinic=None).select_for_update(of=("self",))}
        for row in content["templates"]:
            template = library.pop(row["slug"], None)
            outcome = "new" if template is None else ""
            is_changed = keeper.keep(template or Template(slug=row["slug"]), row)
            outcome = outcome or ("changed" if is_changed else "same")
            setattr(loaded, outcome, getattr(loaded, outcome) + 1)
        for template in library.values():
            if not template.is_retired:
                template.is_retired = True
                template.save(update_fields=["is_retired"])
                loaded.retired += 1
    return loaded


def _read(path: Path) -> dict[str, Any]:
    """Read the file; raises ``LibraryError`` if it is none of ours, or names a template twice."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = content["templates"]
        slugs = [row["slug"] for row in rows]
        for row in rows:
            for name in ("name", "for_whom", "summary", "source"):
                _ = row[name] + ""
            for phase in row["phases"]:
                _ = phase["name"] + phase["criterion"] + "".join(phase["stretches"]), phase["weeks"] + 0
        _ = content["meta"]["sign_off"] + ""
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise LibraryError(f"{path} is no JSON file: {error}") from error
    except (KeyError, TypeError) as error:
        raise LibraryError(f"{path} is not laid out as templates are: {error}") from error
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        raise LibraryError(f"Two templates have the slug “{twice[0]}”.")
    return dict(content)


@dataclasses.dataclass(frozen=True)
class _Keeper:
    """Writes what differs from the file, and nothing else, so that the history has only what happened."""

    sources: Mapping[str, Source]
    stretches: Mapping[str, Stretch]
    sign_off: str

    def keep(self, template: Template, row: Mapping[str, Any]) -> bool:
        """Make a template what its row says. Returns whether anything differed."""
        where = f"Template “{row['slug']}”"
        if row["source"] not in self.sources:
            raise LibraryError(f"{where} names the source “{row['source']}”, which the catalogue has not.")
        is_changed = _set(
            template,
            name=row["name"],
            for_whom=row["for_whom"],
            summary=row["summary"],
            source=self.sources[row["source"]],
            sign_off=self.sign_off,
            is_retired=False,
        )
        phases = _by_place(list(template.phases.all()), len(row["phases"]), TemplatePhase(template=template))
        for position, (phase, wanted) in enumerate(zip(phases, row["phases"], strict=True)):
            is_changed |= _set(
                phase, position=position, name=wanted["name"], weeks=wanted["weeks"], criterion=wanted["criterion"]
            )
            is_changed |= self._keep_lines(phase, wanted["stretches"], where)
        return is_changed

    def _keep_lines(self, phase: TemplatePhase, slugs: Sequence[str], where: str) -> bool:
        if missing := [slug for slug in slugs if slug not in self.stretches]:
            raise LibraryError(f"{where} names the stretch “{missing[0]}”, which the catalogue has not.")
        if len(set(slugs)) < len(slugs):
            raise LibraryError(f"{where} has a stretch twice in the phase “{phase}”.")
        gone, _ = phase.lines.exclude(stretch__slug__in=slugs).delete()
        lines = {line.stretch_id: line for line in phase.lines.all()}
        is_changed = bool(gone)
        for position, slug in enumerate(slugs):
            wanted = TemplateLine.with_default_dose(self.stretches[slug])
            line = lines.get(wanted.stretch_id) or TemplateLine(phase=phase, stretch=wanted.stretch)
            dose = {name: getattr(wanted, name) for name in DOSE_FIELDS}
            is_changed |= _set(line, position=position, note="", **dose)
        return is_changed


def _by_place(phases: list[TemplatePhase], wanted: int, blank: TemplatePhase) -> list[TemplatePhase]:
    """The phases that are there, fewer or more until there are as many as wanted."""
    for phase in phases[wanted:]:
        phase.delete()
    return phases[:wanted] + [TemplatePhase(template=blank.template) for _ in range(wanted - len(phases))]


def _set(row: models.Model, **values: Any) -> bool:
    """Store these values, if any of them differs or the row is new. Raises ``LibraryError`` for what cannot be."""
    is_new = row._state.adding
    if not is_new and all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise LibraryError(f"{row._meta.verbose_name} “{row}”: {' '.join(error.messages)}") from error
    row.save(force_insert=is_new)
    return True
