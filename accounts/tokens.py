"""What is kept of the secrets in links."""

import hashlib


def hash_of(token: str) -> str:
    """What is stored of a token: enough to know it again, not enough to use it.

    SHA-256, in hexadecimal; without salt or stretching, because our tokens are 256 random bits, which nobody guesses.
    """
    return hashlib.sha256(token.encode()).hexdigest()
