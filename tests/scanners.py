"""Lets two scanners loose on Limber with its demo clinic, signed in as each role: ``python -m tests.scanners``.

They are no part of Limber: put them into virtual environments of their own, and name their programs in ``WAPITI`` and
``SQLMAP``. What they are for, and what they said: docs/security-scans.md. The server is one worker on SQLite, in a
folder that is thrown away, with limits so high that a scanner is not merely told to wait.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,"
    "shellshock,sql,timesql,upload,xss"
)
"""Wapiti's modules, without those that need a machine outside to be called back by, or lists fetched from elsewhere."""
ROLES = ("visitor", "patient", "clinician", "clinic admin", "library admin", "superuser")
STARTS = {
    "visitor": ["/accounts/login/", "/accounts/password/reset/", "/settings/"],
    "patient": ["/today/", "/progress/", "/today/play/", "/settings/"],
    "clinician": ["/queue/", "/patients/", "/patients/add/", "/stretches/", "/templates/"],
    "clinic admin": ["/admin/", "/staff/", "/staff/invite/"],
    "library admin": ["/admin/", "/stretches/", "/condition-codes/"],
    "superuser": ["/admin/", "/admin/accounts/user/", "/admin/accounts/clinic/"],
}
CSRF = "scannersscannersscannersscanners"
"""As cookie and in forms: what a scanner posts is to be looked at."""
LEFT_ALONE = ["/accounts/logout/*", "/admin/logout/*", "/accounts/sessions/end/*", "/admin/jsi18n/*", "/static/*"]
"""What would sign the scanner out, and what is no page."""
SESSIONS = """
import json, uuid
from django.conf import settings
from django.test import Client
from django.urls import reverse
from accounts.models import Membership, User
from patients.models import Patient
from prescriptions.models import Prescription, Template
from stretches.models import Stretch
def known(address): return User.objects.get(email=address)
library = User.objects.create_user("library@riverside.example", None, full_name="Library")
library.let_edit_catalogue()
boss = User.objects.create_user("boss@riverside.example", None, full_name="Boss", is_staff=True, is_superuser=True)
people = {"patient": known("margaret@riverside.example"), "clinician": known("sam@riverside.example"),
          "clinic admin": known("morgan@riverside.example"), "library admin": library, "superuser": boss}
cookies = {}
for role, user in people.items():
    client = Client(); client.force_login(user)
    cookies[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
mine = Patient.objects.filter(user=people["patient"]).first()
treated = Patient.objects.visible_to(people["clinician"])
draft = Prescription.objects.visible_to(people["clinician"]).filter(status="draft").first()
ids = {"own": str(mine.pk), "patient": str(treated.first().pk), "draft": str(draft.pk if draft else uuid.uuid4()),
       "active": str(Prescription.objects.filter(patient=mine, status="active").first().pk),
       "stretch": str(Stretch.objects.first().pk), "template": str(Template.objects.first().pk)}
print(json.dumps({"cookie": settings.SESSION_COOKIE_NAME, "cookies": cookies, "ids": ids}))
"""
WSGI = """
from clinic.wsgi import application
from accounts import limits
for name in limits.COSTLY:
    limits.COSTLY[name] = limits.Limit(10**6, limits.MINUTE)
"""
QUERIES = {
    "visitor": [
        "/accounts/login/?next=/",
        "/settings/?next=/",
        "/join/abc*/",
        "/calendar/abc*.ics",
        "/reminders/off/abc*/",
    ],
    "patient": [
        "/progress/?weeks=8",
        "/today/{active}/log/?item={active}&part_of_day=on-getting-up&on=2026-01-01",
        "/today/{active}*/log/on-getting-up*/",
        "/today/{active}*/handout.pdf",
    ],
    "clinician": [
        "/queue/?whose=mine&kind=pause",
        "/patients/?q=a&whose=mine&page=1",
        "/patients/{patient}*/?affected_by={patient}",
        "/patients/{patient}/conditions/add/?q=back",
        "/patients/{patient}/outcomes/psfs*/add/",
        "/prescriptions/{draft}/edit/?q=a&muscle=hamstrings&position=supine&equipment=strap&difficulty=1&allowed=1",
        "/prescriptions/{draft}/withheld/excluded*/?q=a&page=1",
        "/stretches/?q=a&page=1&muscle=hamstrings&status=reviewed",
        "/condition-codes/?q=a&region=x&page=1",
        "/condition-codes/abc*/",
        "/sources/?q=a&page=1",
        "/templates/add/?template={template}&prescription={active}",
        "/prescriptions/{active}/print/?language=es",
    ],
    "clinic admin": [
        "/audit/?who={patient}&action=view&patient={patient}&since=2026-01-01&until=2026-12-31&before=9",
        "/audit/events.csv?who={patient}&action=view&patient={patient}&since=2026-01-01&until=2026-12-31",
        "/admin/stretches/contraindication/?q=a&severity__exact=absolute&o=1&p=1",
    ],
    "library admin": [
        "/admin/stretches/movementrule/?q=a&o=1&p=1",
        "/admin/stretches/stretch/{stretch}*/change/",
        "/admin/stretches/stretchphoto/add/?stretch={stretch}",
        "/admin/stretches/source/?q=a&o=1",
    ],
    "superuser": [
        "/admin/accounts/user/?q=a&is_active__exact=1&o=1&p=1&all=",
        "/admin/stretches/stretch/?q=a&status__exact=reviewed&o=1.2",
        "/admin/stretches/catalogueimport/export/?file=catalogue.json",
        "/admin/autocomplete/?app_label=stretches&model_name=contraindication&field_name=stretch&term=a",
    ],
}
"""Every parameter that an address of ours reads, and parts of addresses (marked by ``*``), for sqlmap."""
FORMS = {
    "visitor": [
        ("/accounts/login/", "login=a@example.org&password=b"),
        ("/accounts/login/code/", "email=a@example.org"),
    ],
    "patient": [("/settings/", "language=en-gb&text_size=large")],
    "clinician": [
        ("/patients/add/", "full_name=Ada&born_on=1960-01-01&email=a@example.org&phone=1&note=x&clinician="),
        (
            "/patients/{patient}/conditions/add/",
            "q=back&code=&free_text=sore&clinical_status=active&verification_status=confirmed&anchor_on=&note=x",
        ),
        ("/prescriptions/{draft}/message/edit/", "note=slowly&seen=x"),
        ("/prescriptions/{draft}/stretches/add/", "stretch={stretch}&instead_of="),
        ("/templates/add/", "name=a&for_whom=b&summary=c&citation=d&new_id={stretch}"),
    ],
}


@contextlib.contextmanager
def running() -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """Limber on a free port, its address, and what ``SESSIONS`` says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="limber-scan-") as folder:
        environment = {
            **os.environ,
            "SECRET_KEY": "a key for a scan only, known to everybody",
            "VAR_DIR": folder,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "DEMO": "1",
            "DATABASE_URL": f"sqlite:///{folder}/limber.sqlite3",
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": folder,
        }
        Path(folder, "scanned.py").write_text(WSGI)

        def manage(*words: str) -> str:
            command = [sys.executable, "manage.py", *words]
            done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
            return done.stdout

        manage("make_ready", "--demo")
        manage("collectstatic", "--no-input", "--ignore", "django_htmx")
        said = manage("shell", "--no-imports", "-c", SESSIONS)
        errors, quiet = Path(folder, "errors"), subprocess.DEVNULL  # mails are printed
        with errors.open("w") as log:
            command = [sys.executable, "-m", "gunicorn", "scanned:application", "--bind", f"127.0.0.1:{port}"]
            server = subprocess.Popen([*command, "--threads", "2"], cwd=ROOT, env=environment, stdout=quiet, stderr=log)
            try:
                _wait_for(f"http://127.0.0.1:{port}/accounts/login/")
                yield f"http://127.0.0.1:{port}", json.loads(said.splitlines()[-1])
            finally:
                server.terminate()
                server.wait(20)
        wrong = errors.read_text()
        print(f"\nErrors of the server: {wrong.count('Traceback')}")
        if "Traceback" in wrong:
            print(wrong[-4000:])


def _wait_for(url: str) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=15).close()
            return
        time.sleep(0.2)
    raise SystemExit("The server did not start.")


def _cookies(known: dict[str, dict[str, str]], role: str) -> str:
    session = f"{known['cookie']}={known['cookies'][role]}; " if role in known["cookies"] else ""
    return f"{session}csrftoken={CSRF}"


def wapiti(program: str, site: str, known: dict[str, dict[str, str]], role: str, folder: Path, seconds: int) -> str:
    """Scan as somebody; one line of what was found."""
    report = folder / f"wapiti-{role.replace(' ', '-')}.json"
    command = [program, "--url", f"{site}/", "--scope", "domain", "--module", MODULES, "--flush-session"]
    command += ["--depth", "6", "--max-links-per-page", "40", "--max-files-per-dir", "15", "--scan-force", "normal"]
    of_each = max(10, seconds // 6)
    command += ["--max-scan-time", str(seconds), "--max-attack-time", str(of_each), "--tasks", "2"]
    command += ["--store-session", str(folder / role), "--no-bugreport", "--format", "json", "--output", str(report)]
    for path in LEFT_ALONE:
        command += ["--exclude", site + path]
    for path in STARTS[role]:
        command += ["--start", site + path]
    if role in known["cookies"]:
        command += ["--cookie-value", _cookies(known, role)]
    at_most = 2 * (seconds + of_each * len(MODULES.split(",")))  # looking around, then each module
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=at_most, check=False)
    told = json.loads(report.read_text())
    found = {
        name: sorted({f"{each['method']} {each['path']} {each['parameter'] or ''}".strip() for each in each_of})
        for kind in ("vulnerabilities", "anomalies")
        for name, each_of in told[kind].items()
        if each_of
    }
    lines = [f"{role}: {_crawled(folder / role)}; {sum(map(len, found.values()))} findings"]
    return "\n".join(lines + [f"  {name}: {'; '.join(places)}" for name, places in found.items()])


def _crawled(folder: Path) -> str:
    """How many pages and forms were found, and how they answered: a scan of nothing but sign-in pages shows nothing."""
    with contextlib.closing(sqlite3.connect(next(folder.glob("*.db")))) as store:
        joined = "FROM paths JOIN responses USING (response_id) WHERE NOT evil"
        answered = store.execute(f"SELECT status_code, count(*) {joined} GROUP BY 1 ORDER BY 1").fetchall()
        tried = store.execute("SELECT count(*) FROM attack_logs").fetchone()[0]
    return f"{', '.join(f'{count} × {status}' for status, count in answered)}, {tried} tried by a module"


def sqlmap(program: str, site: str, known: dict[str, dict[str, str]], role: str, folder: Path) -> str:
    """Ask for each parameter whether it reaches the database unescaped; one line of what was found."""
    common = [program, "--batch", "--level", "2", "--risk", "1", "--technique", "BEU", "--timeout", "15", "--smart"]
    common += ["--flush-session", "--output-dir", str(folder / "sqlmap"), "--ignore-code", "*", "--disable-coloring"]
    common += ["--user-agent", "limber-scan"]
    common += ["--cookie", _cookies(known, role), "--param-exclude", "csrf|session"]
    asked, found = 0, []
    jobs = [(["--url", site + path.format(**known["ids"])], path) for path in QUERIES.get(role, ())]
    for path, data in FORMS.get(role, ()):
        url = site + path.format(**known["ids"])
        sent = data.format(**known["ids"]) + f"&csrfmiddlewaretoken={CSRF}"
        jobs.append((["--url", url, "--data", sent], path))
    for arguments, path in jobs:
        try:
            said = subprocess.run([*common, *arguments], capture_output=True, text=True, timeout=40, check=False).stdout
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode() + " cut short"
        asked += 1
        told = re.findall(r"(?m)^.*(?:is vulnerable|injectable|cut short).*$", said)
        found += [f"  {path}: {line}" for line in told if not re.search("not appear|If no dynamic|might not", line)]
    return "\n".join([f"{role}: {asked} addresses, {len(found)} lines to look at", *found])


def main() -> None:
    """Scan with what is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=180, help="for Wapiti, of each role")
    parser.add_argument(
        "--keep", type=Path, default=Path(tempfile.gettempdir(), "limber-scans"), help="reports go here"
    )
    parser.add_argument("roles", nargs="*", default=ROLES)
    asked = parser.parse_args()
    programs = {name: os.environ.get(name.upper()) for name in ("wapiti", "sqlmap")}
    if not any(programs.values()):
        raise SystemExit("Name at least one program: WAPITI=/path/to/wapiti SQLMAP=/path/to/sqlmap")
    shutil.rmtree(asked.keep, ignore_errors=True)
    asked.keep.mkdir(parents=True)
    with running() as (site, known):
        for role in asked.roles:
            if program := programs["wapiti"]:
                print("Wapiti,", wapiti(program, site, known, role, asked.keep, asked.seconds), flush=True)
            if (program := programs["sqlmap"]) and (role in QUERIES or role in FORMS):
                print("sqlmap,", sqlmap(program, site, known, role, asked.keep), flush=True)


if __name__ == "__main__":
    main()
