"""What the compose file hands to each container is there: told from the files, where there is no engine to ask."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

FOLDER = "/run/secrets/"
SCALE = dict(
    line.split("=", 1)
    for line in Path(settings.BASE_DIR, "operations/containers/scale.env").read_text().splitlines()
    if not line.startswith("#")
)


def compose(**more: str) -> dict:
    """The compose file, with its variables filled in as docker does."""
    text = Path(settings.BASE_DIR, "docker-compose.yml").read_text()
    filled = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: more.get(found[1]) or found[2], text)
    return dict(yaml.safe_load(filled))


@pytest.mark.parametrize("chosen", [{}, SCALE])
def test_a_service_gets_each_secret_that_its_settings_name(chosen):
    services = compose(**chosen)["services"]

    for name, service in services.items():
        named = [str(value) for value in service.get("environment", {}).values() if FOLDER in str(value)]
        assert {value.removeprefix(FOLDER) for value in named} <= set(service.get("secrets", [])), name


@pytest.mark.parametrize("chosen", [{}, SCALE])
def test_every_secret_is_made_once_and_stays(tmp_path, chosen):
    shutil.copy(Path(settings.BASE_DIR, "limber"), tmp_path)
    secrets = [*compose(**chosen)["secrets"].values()]

    def make() -> dict[str, str]:
        subprocess.run(["sh", "limber", "secrets"], cwd=tmp_path, env=os.environ, check=True, capture_output=True)
        return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}

    first, second = make(), make()

    assert first == second
    assert all((tmp_path / each["file"]).read_text().strip() for each in secrets)


def test_roles_gives_each_role_a_password_that_its_container_has():
    asked = re.findall(r"\$secrets/(\w+)", Path(settings.BASE_DIR, "operations/containers/roles.sh").read_text())

    assert asked
    assert set(asked) <= set(compose()["services"]["db"]["secrets"])


def test_whoever_writes_the_ledger_of_erasures_has_a_volume_for_it():
    services = compose()["services"]

    for name in ("web", "worker"):
        ledger = services[name]["environment"]["ERASURE_LEDGER"]
        assert any(ledger.startswith(volume.split(":")[1] + "/") for volume in services[name]["volumes"]), name


def test_the_proxy_is_given_the_folder_that_its_image_has_in_the_volume():
    services = compose()["services"]
    _, user, *folders = services["certificates"]["entrypoint"]

    assert user == services["proxy"]["user"]
    assert folders == ["/data", "/data/caddy"]
    assert services["certificates"]["volumes"] == ["certificates:/data"]
    assert "certificates:/data" in services["proxy"]["volumes"]


def test_a_start_waits_for_no_answer_that_is_asked_for_rarely():
    checks = {name: service.get("healthcheck", {}) for name, service in compose()["services"].items()}

    for name, check in checks.items():
        if check.get("interval", "").endswith("m") or check.get("interval") == "30s":
            assert {"start_period", "start_interval"} <= set(check), name
    assert "start_interval" in checks["backup"]
