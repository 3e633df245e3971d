"""What a card shows of a stretch, whoever looks: all of it values, by which a rendered card is kept."""

import dataclasses
import uuid
from collections.abc import Iterable

from stretches.models import Stretch


@dataclasses.dataclass(frozen=True)
class Face:
    """The picture, the name and the chips of a stretch."""

    pk: uuid.UUID
    name: str
    difficulty: int
    position: str
    """In words."""
    status: str
    status_words: str
    picture_version: str
    muscles: tuple[str, ...]
    equipment: tuple[str, ...]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, stretch: Stretch, muscles: Iterable[str] = (), equipment: Iterable[str] = ()) -> "Face":
        """What a stretch shows, with the names of its muscles and of what has to be at hand."""
        return cls(
            pk=stretch.pk,
            name=stretch.name,
            difficulty=stretch.difficulty,
            position=stretch.get_position_display(),
            status=stretch.status,
            status_words=stretch.get_status_display(),
            picture_version=stretch.picture_version,
            muscles=tuple(muscles),
            equipment=tuple(equipment),
        )
