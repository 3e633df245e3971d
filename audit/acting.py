"""Who acts, as SQLite asks it: PostgreSQL is told with each transaction."""


def told(name: str) -> str:
    """What ``limber.NAME`` is on PostgreSQL; empty where nobody has said it.

    ``accounts.acting`` is imported late: this is called by a connection, which is there before any model.
    """
    from accounts import acting

    actor = acting.current()
    match name:
        case "user":
            return actor.user_id.hex if actor.user_id else ""
        case "door":
            return actor.way
        case "address":
            return actor.address
        case "reason":
            return actor.reason
    return ""
