# Limber as an image: web, worker and every command of manage.py. docker-compose.yml runs it.
#
# BASE is any image with Python 3.11 to 3.13 and its venv module; tests/image/build.sh gives it a bare Debian.
ARG BASE=python:3.12-slim-bookworm
ARG DATABASE=postgres:17-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/limber
RUN python3 -m venv .venv
# Every file held against its hash; before the code, so that a change of it installs nothing anew.
COPY requirements-uv.txt requirements.txt ./
RUN .venv/bin/pip install --quiet --require-hashes -r requirements.txt \
    && .venv/bin/pip uninstall --quiet --yes pip \
    && rm requirements-uv.txt requirements.txt
COPY . .
# Static files belong to the code: a new image brings its own, and no volume keeps those of the last.
RUN SECRET_KEY=only-for-this-step .venv/bin/python manage.py collectstatic --no-input --verbosity 0 --ignore django_htmx \
    && .venv/bin/python -m compileall -q -x '/\.venv/' .

FROM ${BASE} AS app
# A number of its own, so that files of volumes are nobody else's.
RUN groupadd --gid 10001 limber \
    && useradd --uid 10001 --gid limber --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin limber \
    && install -d -o limber -g limber -m 0750 /var/lib/limber /var/lib/limber/media /var/lib/limber/backup
COPY --from=build /srv/limber /srv/limber
WORKDIR /srv/limber
ENV PATH=/srv/limber/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MEDIA_DIR=/var/lib/limber/media LOG_FORMAT=json
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-m", "operations.probe"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000"]

# The same beside PostgreSQL's own programs, of the server's version: `manage.py backup` copies, reads back and restores
# with them.
FROM ${DATABASE} AS backup
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 limber \
    && useradd --uid 10001 --gid limber --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin limber \
    && install -d -o limber -g limber -m 0750 /var/lib/limber /var/lib/limber/media /var/lib/limber/backup /var/lib/limber/spool
WORKDIR /srv/limber
RUN python3 -m venv .venv
COPY requirements-uv.txt requirements.txt ./
RUN .venv/bin/pip install --quiet --no-cache-dir --require-hashes -r requirements.txt
COPY . .
ENV PATH=/srv/limber/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/limber/spool \
    TMPDIR=/var/lib/limber/spool MEDIA_DIR=/var/lib/limber/media BACKUP_DIR=/var/lib/limber/backup LOG_FORMAT=json
USER 10001:10001
HEALTHCHECK --interval=5m --timeout=30s --start-period=1h CMD ["python", "manage.py", "doctor", "--only", "backup"]
ENTRYPOINT []
CMD ["python", "manage.py", "backup", "--loop"]
