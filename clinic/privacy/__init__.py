"""What is stored of whom, and how it is given out, erased and forgotten.

For backup and restore: ``write_ledger(path)`` and ``reapply(path)``.
"""

from clinic.privacy.ledger import write_ledger
from clinic.privacy.reapplying import reapply

__all__ = ["reapply", "write_ledger"]
