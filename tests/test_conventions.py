"""House rules that a machine keeps. Every rule stands with a breach of it, which it has to notice."""

import ast
import hashlib
import inspect
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Clinic

ROOT = Path(settings.BASE_DIR)
OUR_APPS = {"accounts", "audit", "clinic", "operations", "patients", "prescriptions", "routines", "stretches"}

# A view is a noun and one of these verbs …
VERBS = ("_list", "_detail", "_add", "_edit", "_activate", "_revoke", "_complete", "_record", "_print")
# … but for these, which have a better name of their own.
NAMED_OTHERWISE = {
    "home",  # where everybody arrives
    "routine_today",  # the patient's home page
    "stretch_picture",  # an image
    "stretch_photo",  # another
    "handout_pdf",  # what is printed, as a file
    "routine_pdf",
    "own_data_json",
    "event_csv",
    "own_data_pdf",
    "everything_json",  # all of it, as a file
    "everything_pdf",
    "own_everything_json",
    "own_everything_pdf",
    "invitation_accept",  # what a visitor does with it; whoever holds the link may
    "staff_invitation_accept",
    "prescription_revise",  # FHIR's life of a request has more turns than most rows
    "prescription_hold",
    "prescription_resume",
    "prescribed_stretch_move",  # up or down, which is no edit of it
    "routine_data",  # the same day as data, for a device
    "routine_play",  # one stretch a screen, with the timer
    "service_worker",  # files that a phone asks for by these names
    "manifest",
    "stretch_pause_lift",  # the words of clinicians for ending what the app began by itself
    "routine_reopen",
    "prescribed_stretch_remove",  # only a draft's line: nothing else is ever removed
    "template_apply",  # a phase put into a patient's draft: neither the template nor the patient is edited
    "template_line_remove",  # of a clinic's own template, which is a draft for ever
}
# What turns "every row" into "the rows that this person may see". Anything else on a clinic's own model is refused.
# ``in_clinic`` is for the catalogue of a clinic whose patient or template was found through one of the others.
ACCESS_FILTERS = {"visible_to", "own", "treating", "administered_by", "with_token", "in_clinic"}
DRAWERS = {"utils", "helpers", "services", "managers", "signals", "constants", "common"}
LONGEST_FILE = 300
LONGEST_TEST = 500  # cases in a table are lines, not concepts

NOT_OURS = {"__pycache__", "mutants", "node_modules", "test-results", "var", "vendor"}


# What there is to check -----------------------------------------------------------------------------------------------
def our_files() -> Iterator[str]:
    """Paths below the root of everything that is written by us."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and (name[0] != "." or name == ".ci")]
        yield from (str(Path(folder, name).relative_to(ROOT)) for name in files if name != ".git")


def our_models() -> list[type[Model]]:
    """Every model of ours, without the histories that are derived from them."""
    models = (model for name in sorted(OUR_APPS) for model in apps.get_app_config(name).get_models())
    return [model for model in models if not model.__name__.startswith("Historical")]


def clinics_own() -> set[str]:
    """Names of the models whose rows belong to one clinic: those from which foreign keys lead to it."""
    found: set[type[Model]] = {Clinic}
    while True:
        more = {
            model
            for model in our_models()
            if any(field.related_model in found for field in model._meta.get_fields() if field.concrete)
        }
        if more <= found:
            return {model.__name__ for model in found}
        found |= more


@dataclass(frozen=True)
class View:
    """One function of ours that answers an address."""

    app: str
    name: str
    url_name: str

    @property
    def template(self) -> str:
        return f"{self.app}/{self.name}.html"


def our_views(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[View]:
    """Every view of ours that an address leads to."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "admin":  # Django's own names
                continue
            yield from our_views(pattern, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern):
            view = inspect.unwrap(pattern.callback)
            app = view.__module__.partition(".")[0]
            if app in OUR_APPS:
                yield View(app, view.__name__, f"{namespace}:{pattern.name}" if namespace else str(pattern.name))


# Rules about a file: what is wrong with it, line by line --------------------------------------------------------------
Faults = Iterator[str]


def lines_with(pattern: str, text: str, complaint: str) -> Faults:
    for match in re.finditer(pattern, text):
        yield f"line {text.count(chr(10), 0, match.start()) + 1}: {complaint}: {match.group().strip()}"


def no_drawer_files(path: str, text: str) -> Faults:
    yield from (f"{part}: name it after what is in it" for part in Path(path).parts if part.split(".")[0] in DRAWERS)


def no_long_files(path: str, text: str) -> Faults:
    longest = LONGEST_TEST if path.startswith("tests/") else LONGEST_FILE
    if path.endswith(".py") and "migrations" not in path and (length := text.count("\n")) > longest:
        yield f"{length} lines: split it by concept"


def no_registry_or_machine(path: str, text: str) -> Faults:
    yield from lines_with(
        r"(?i)pypi[.]org|pythonhosted[.]org|npmjs[.](org|com)|yarnpkg[.]com|(deb|ftp)[.]debian[.]org|unpkg[.]com|jsdelivr[.]net",
        text,
        "the host of a registry",
    )
    yield from lines_with(
        r"(?<![\w.-])/(work|root|home/\w+|Users/\w+|opt/(pypi|wheels))/", text, "a path of one machine"
    )


def no_loose_ends(path: str, text: str) -> Faults:
    if not path.endswith((".png", ".otf", ".woff2")):
        yield from lines_with(r"\b(TO[D]O|FIX[M]E|XX[X])\b", text, "do it, or open an issue")


def no_signal_receivers(path: str, text: str) -> Faults:
    if path.endswith(".py"):
        pattern = (
            r"(?m)^\s*(from|import) (django\.dispatc[h]|[\w.]*\.signal[s])\b.*|^\s*@receive[r]\b.*|\bimport signal[s]\b"
        )
        yield from lines_with(pattern, text, "call the function instead")


def no_markup_from_python(path: str, text: str) -> Faults:
    if path.endswith(".py"):
        yield from lines_with(r"\b(mark_saf[e]\b|SafeStrin[g]\()", text, "format_html or a template escapes")


def no_unsafe_templates(path: str, text: str) -> Faults:
    if path.endswith((".html", ".svg")):
        yield from lines_with(r"\|\s*safe\b|\bautoescape off\b", text, "nothing is exempt from escaping")
        refused = r"(?i)\sstyle\s*=|\son[a-z]+\s*=|\shx-on\b|<style\b|\sjs:|javascript:"
        yield from lines_with(refused, text, "the content policy refuses it")


def fragments_name_their_needs(path: str, text: str) -> Faults:
    if path.endswith(".html") and Path(path).name.startswith("_") and not re.match(r"\{# Needs: .+ #\}\n", text):
        yield "line 1: {# Needs: what it has to be given. #}"


def views_reach_a_clinics_rows_through_an_access_filter(path: str, text: str) -> Faults:
    if not re.fullmatch(r"\w+/views(/\w+)?\.py", path):
        return
    own = clinics_own()
    tree = ast.parse(text)
    called_on = {node.value: node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr="objects" | "_default_manager"):
                if name in own and called_on.get(node) not in ACCESS_FILTERS:
                    yield f"line {node.lineno}: {name} without {' or '.join(sorted(ACCESS_FILTERS))}"
            case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name), *_]):
                if function in {"get_object_or_404", "get_list_or_404"} and name in own:
                    yield f"line {node.lineno}: {function}({name}, …) finds the rows of every clinic"
            case _:
                pass


def views_render_their_own_template(path: str, text: str) -> Faults:
    if not re.fullmatch(r"\w+/views(/\w+)?\.py", path):
        return
    app = path.partition("/")[0]
    for view in (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(view):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html"):
                is_fragment = node.value.rpartition("/")[2].startswith("_")
                if (
                    not is_fragment
                    and node.value != "base.html"
                    and view.name[0] != "_"
                    and node.value != f"{app}/{view.name}.html"
                ):
                    yield f"line {node.lineno}: {view.name} renders {node.value}"


FILE_RULES: list[tuple[Callable[[str, str], Faults], str, str]] = [
    (no_drawer_files, "patients/utils.py", ""),
    (no_drawer_files, "patients/services/intake.py", ""),
    (no_long_files, "patients/models.py", "\n" * 301),
    (no_registry_or_machine, "README.md", "https://pypi" + ".org"),
    (no_registry_or_machine, "README.md", "/home" + "/somebody/limber"),
    (no_loose_ends, "README.md", "TO" + "DO: write this"),
    (no_signal_receivers, "patients/models.py", "import django.db.models." + "signals"),
    (no_signal_receivers, "patients/models.py", "@receiver" + "(post_save)"),
    (no_markup_from_python, "patients/models.py", "return mark_" + "safe(name)"),
    (no_unsafe_templates, "templates/home.html", "{{ name|safe }}"),
    (no_unsafe_templates, "templates/home.html", '<p style="color: red">'),
    (no_unsafe_templates, "templates/home.html", '<a onclick="go()">'),
    (no_unsafe_templates, "templates/home.html", '<a hx-on:click="go()">'),
    (fragments_name_their_needs, "templates/patients/_row.html", "<tr></tr>\n"),
    (views_reach_a_clinics_rows_through_an_access_filter, "accounts/views.py", "Clinic.objects.all()"),
    (views_reach_a_clinics_rows_through_an_access_filter, "accounts/views.py", "Membership.objects.get(pk=pk)"),
    (
        views_reach_a_clinics_rows_through_an_access_filter,
        "accounts/views/staff.py",
        "get_object_or_404(Clinic, pk=pk)",
    ),
    (
        views_render_their_own_template,
        "patients/views.py",
        "def patient_list(r):\n  return render(r, 'patients/all.html')",
    ),
]


@pytest.mark.parametrize("rule", dict.fromkeys(rule for rule, _, _ in FILE_RULES), ids=lambda rule: str(rule.__name__))
def test_files_keep_the_rule(rule: Callable[[str, str], Faults]) -> None:
    faults = [
        f"{path}: {fault}"
        for path in our_files()
        for fault in rule(path, (ROOT / path).read_text(encoding="utf-8", errors="ignore"))
    ]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("rule", "path", "text"), FILE_RULES)
def test_a_breach_is_noticed(rule: Callable[[str, str], Faults], path: str, text: str) -> None:
    assert list(rule(path, text))


# Rules about views ----------------------------------------------------------------------------------------------------
def faults_of(view: View) -> Iterator[str]:
    expected = view.name if view.app == "clinic" else f"{view.app}:{view.name}"
    if view.url_name != expected:
        yield f"{view.app}.{view.name}: its URL is named {view.url_name}, not {expected}"
    if not view.name.endswith(VERBS) and view.name not in NAMED_OTHERWISE:
        yield f"{view.app}.{view.name}: a noun and one of {', '.join(VERBS)}"


def test_views_and_urls_share_one_name() -> None:
    faults = [fault for view in our_views() for fault in faults_of(view)]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "view",
    [
        View("patients", "patient_list", "patients:list"),
        View("patients", "patient_list", "patient_list"),
        View("patients", "show_patients", "patients:show_patients"),
    ],
)
def test_a_misnamed_view_is_noticed(view: View) -> None:
    assert list(faults_of(view))


def orphans(pages: set[str], views: set[View]) -> set[str]:
    return pages - {view.template for view in views}


def test_every_page_template_has_its_view() -> None:
    pages = {
        f"{page.parent.name}/{page.name}" for app in OUR_APPS for page in (ROOT / "templates" / app).glob("[!_]*.html")
    }

    assert orphans(pages, set(our_views())) == set()


def test_a_template_without_its_view_is_noticed() -> None:
    assert orphans({"patients/all.html"}, {View("patients", "patient_list", "patients:patient_list")})


def test_every_view_is_named_in_a_test() -> None:
    tests = "".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py") if file != Path(__file__))

    assert [view for view in our_views() if not re.search(rf"(\b|_){view.name}(\b|_)", tests)] == []


# Rules about the rest -------------------------------------------------------------------------------------------------
def test_every_model_says_what_it_is() -> None:
    # Where there is no docstring, Django writes one that starts with the name and a parenthesis.
    assert [model for model in our_models() if (model.__doc__ or "").startswith(f"{model.__name__}(")] == []


def test_what_is_vendored_is_what_was_published() -> None:
    lines = (ROOT / "static/vendor/SHA256SUMS").read_text().splitlines()
    listed = {path: digest for digest, path in (line.split() for line in lines)}

    assert {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in listed} == listed
