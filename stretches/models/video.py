"""A video of a stretch, which somebody else shows."""

from django.db import models
from simple_history.models import HistoricalRecords

from stretches.models.stretch import Stretch
from stretches.videos import Video, VideoProvider


class StretchVideo(models.Model):
    """The video of a stretch: at most one, told by provider and id. FHIR: RelatedArtifact of an ActivityDefinition."""

    stretch = models.OneToOneField(
        Stretch,
        models.CASCADE,
        primary_key=True,
        related_name="video",
        error_messages={"unique": "This stretch has a video already: change that one."},
    )
    provider = models.CharField(max_length=10, choices=VideoProvider, editable=False)
    video_id = models.CharField(max_length=20, editable=False)
    privacy_hash = models.CharField(max_length=20, blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "video"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(provider__in=["youtube", "vimeo"]), name="stretch_video_provider_known"
            ),
            models.CheckConstraint(condition=~models.Q(video_id=""), name="stretch_video_has_id"),
        ]

    def __str__(self) -> str:
        return f"Video of {self.stretch}"

    @property
    def address(self) -> str:
        """Where it is watched."""
        return Video(VideoProvider(self.provider), self.video_id, self.privacy_hash).address
