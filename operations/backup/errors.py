"""What is wrong with a backup, in words for whoever is woken by it."""


class BackupError(Exception):
    """No backup was made, or this one cannot be relied on, or nothing was restored. The message says what to do."""


class WrongKeyError(BackupError):
    """This key did not seal it."""


class DamagedError(BackupError):
    """It is not what was written."""
