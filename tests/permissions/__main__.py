"""Print the lines of ``tests/permissions.csv`` as they are now: ``python -m tests.permissions [PART OF A NAME]``.

Without a name, the lines of addresses that are not declared yet. Read each cell before it goes into the table: that
it is so does not make it right. What no cell may say is printed after ``!``.
"""

import sys

from tests.permissions import alone


def main(part: str = "") -> int:
    """Ask everybody, and print."""
    alone.begin()
    from tests.permissions import table
    from tests.permissions.addresses import addresses
    from tests.permissions.test_table import answers_of, breaches

    declared = {name for name, _, _ in table.read()}
    faults = 0
    with alone.a_world() as world:
        for address in addresses():
            if part not in address.name if part else address.name in declared:
                continue
            answers = answers_of(address, world)
            got = {key: tuple(answer.said for answer in row.values()) for key, row in answers.items()}
            print("\n".join(table.lines_of(address, got)), flush=True)
            for breach in breaches(address, answers):
                faults += 1
                print(f"! {address.name}: {breach}", file=sys.stderr, flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
