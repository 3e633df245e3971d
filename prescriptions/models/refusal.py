"""Why a prescription is not put into effect, or not changed."""

from collections.abc import Collection

from patients.models import RecordProblem
from prescriptions import safety


class UnsafePrescriptionError(Exception):
    """Activation refused: the record or a stretch is not safe. Says why."""

    def __init__(self, *, record_problem: RecordProblem | None = None, issues: Collection[safety.Issue] = ()) -> None:
        self.record_problem = record_problem
        self.issues = tuple(issues)
        reasons = [record_problem.value] if record_problem else []
        reasons += [f"{issue.stretch}: {issue.rationale}" for issue in issues]
        super().__init__(" ".join(reasons))


class NotAcknowledgedError(Exception):
    """Activation refused: a condition that is not safety-checked was not acknowledged."""

    def __init__(self, conditions: Collection[object]) -> None:
        self.conditions = tuple(conditions)
        super().__init__("Not safety-checked, and not acknowledged: " + ", ".join(str(each) for each in conditions))


class CountNotExplainedError(Exception):
    """Activation refused: so many stretches take a reason, and none was given."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} stretches are more than most people keep up: say why they are needed.")


class TransitionError(Exception):
    """The prescription is not in a state from which this can be done; its message is for the clinician."""
