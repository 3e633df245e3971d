"""How often something was tried."""

from django.db import models


class TryCount(models.Model):
    """Tries of one kind by, or for, one: an account, a range of addresses, a code.

    The key says neither who nor from where: it is a keyed hash. The database counts, since several workers do.
    """

    key = models.CharField(max_length=64, primary_key=True, editable=False)
    began_at = models.DateTimeField(db_index=True, editable=False)
    tries = models.PositiveIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"{self.tries} since {self.began_at:%Y-%m-%d %H:%M}"
