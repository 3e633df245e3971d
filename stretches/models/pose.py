"""The pose of a stretch, as the admin site edits it."""

from stretches.models.stretch import Stretch


class StretchPose(Stretch):
    """A stretch on the page where its picture is changed. Its history is that of the stretch."""

    class Meta:
        proxy = True
        ordering = ("name", "id")
        verbose_name = "picture"
