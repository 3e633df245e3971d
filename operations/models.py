"""What an installation notes about itself; nothing of a clinic's."""

import datetime

from django.db import models


class Pulse(models.Model):
    """When something that runs by itself last ran, such as the sender of mail: its silence is what nobody would see."""

    class Name(models.TextChoices):
        """What runs by itself."""

        SENDER = "sender", "send_due"

    name = models.CharField(max_length=20, choices=Name, unique=True)
    beat_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(name__in=["sender"]), name="pulse_name_known")]

    def __str__(self) -> str:
        return f"{self.get_name_display()} at {self.beat_at:%Y-%m-%d %H:%M}"


def beat_of_sender(*, at: datetime.datetime) -> None:
    """Note that ``send_due`` begins a pass: one of ``settings.OUTBOX_SCHEDULERS``, which it calls."""
    Pulse.objects.update_or_create(name=Pulse.Name.SENDER, defaults={"beat_at": at})
