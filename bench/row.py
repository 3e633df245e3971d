"""One line of what was measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure and, where one was promised, its budget."""

    what: str
    value: float
    unit: str  # "×" for a ratio, "ms", "queries", …
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_over_budget(self) -> bool:
        """Whether a promise is broken; a row without a budget promises nothing."""
        too_much = self.at_most is not None and self.value > self.at_most
        too_little = self.at_least is not None and self.value < self.at_least
        return too_much or too_little

    @property
    def measured_text(self) -> str:
        """The figure in words: three digits, and of large figures all before the point."""
        is_large = abs(self.value) >= 100
        return f"{f'{self.value:,.0f}' if is_large else f'{self.value:.3g}'} {self.unit}"

    @property
    def budget_text(self) -> str:
        """The budget in words, empty if there is none."""
        parts = [f"≤ {self.at_most:,g}"] if self.at_most is not None else []
        parts += [f"≥ {self.at_least:,g}"] if self.at_least is not None else []
        return " and ".join(parts)

    @property
    def verdict(self) -> str:
        """“kept”, “OVER”, or nothing without a budget."""
        if not self.budget_text:
            return ""
        return "OVER" if self.is_over_budget else "kept"
