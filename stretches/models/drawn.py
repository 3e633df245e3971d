"""What is drawn as a picture."""

from django.db import models

from stretches.pictograms import Theme, has_pose, picture_svg, picture_version

_FOR_THE_PICTURE = ("clinic", "slug", "position")
ON_A_CARD = (
    *("name", "status", "difficulty", "purpose", "own_pose", *_FOR_THE_PICTURE),
    *(f"adapted_from__{name}" for name in _FOR_THE_PICTURE),
)
"""The columns of what a stretch's card shows, the picture included."""


class Drawn(models.Model):
    """Something with a picture drawn from pose data: that of the shipped file, unless it has its own.

    It also has a slug, a position, a name and a purpose.
    """

    own_pose = models.TextField(
        "pose",
        blank=True,
        help_text="What the picture is drawn from, where that is not the file that comes with Limber.",
    )

    slug: "models.SlugField[str, str]"
    position: "models.CharField[str, str]"
    name: "models.CharField[str, str]"
    purpose: "models.TextField[str, str]"

    class Meta:
        abstract = True

    @property
    def picture_slug(self) -> str:
        """By which name the shipped pose is found."""
        return self.slug

    @property
    def is_drawn(self) -> bool:
        """Whether the picture shows the movement, and not only the position."""
        return bool(self.own_pose) or has_pose(self.picture_slug)

    @property
    def picture_version(self) -> str:
        """A part of the picture's address that changes with the picture, so that a browser may keep it for good."""
        return picture_version(self.picture_slug, position=self.position, alt=self._title, own_pose=self.own_pose)

    def picture(self, *, alt: str = "", theme: Theme = "light", animated: bool = False) -> str:
        """The picture as SVG; ``alt`` says what it shows, and is else what the stretch is for."""
        return picture_svg(
            self.picture_slug,
            position=self.position,
            alt=alt or self._title,
            own_pose=self.own_pose,
            animated=animated,
            theme=theme,
        )

    @property
    def _title(self) -> str:
        return f"{self.name}: {self.purpose}"
