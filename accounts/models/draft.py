"""What somebody had typed when their session ended."""

from django.db import models

from accounts.models.people import User


class Draft(models.Model):
    """The fields of one form, sealed, until their author has signed in again; at most a day.

    Kept here and not in the browser: the next person at a shared computer finds nothing.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts", editable=False)
    path = models.CharField(max_length=300, editable=False)
    sealed = models.TextField(editable=False)
    kept_at = models.DateTimeField(db_index=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="draft_one_for_a_page")]

    def __str__(self) -> str:
        return f"Draft of {self.kept_at:%Y-%m-%d %H:%M}"
