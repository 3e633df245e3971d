"""Names of checks whose functions ran, for ``asking``. Nothing is imported here: the code of the product imports it."""

RAN: set[str] = set()
