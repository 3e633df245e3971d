"""What is stored of how an installation fares, field by field: see ``accounts.personal``."""

from accounts.personal import Table

TABLES = (Table("operations.Pulse", "When work in the background was last done.", not_personal="id name beat_at"),)
