"""Telling a database that is away for a while from a mistake of ours.

Away is: slow, locked, restarted, gone, read-only, out of space. All of that passes without anybody changing the
program, so whoever asked is told to come back (503), and not that something is wrong (500).
"""

import errno

from django.db import DatabaseError, InterfaceError, OperationalError

RETRY_AFTER_SECONDS = 10
"""When to come back. Ours: a restarted PostgreSQL answers again within seconds."""

READ_ONLY = "25006"
"""SQLSTATE of a write where nothing may be written: a standby, or a primary that is being switched over.
https://www.postgresql.org/docs/17/errcodes-appendix.html"""

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


def is_outage(error: BaseException | None) -> bool:
    """Whether this passes by itself, so that the same request may succeed later."""
    match error:
        case OperationalError():
            # SQLite calls everything so, a table that is not there too: that does not mend itself.
            return getattr(error.__cause__, "sqlite_errorname", "") != "SQLITE_ERROR"
        case InterfaceError():
            return True
        case DatabaseError():
            # Django names as the cause of a broken transaction what broke it.
            return getattr(error.__cause__, "pgcode", "") == READ_ONLY or is_outage(error.__cause__)
        case OSError():
            return error.errno in NO_SPACE
        case _:
            return False
