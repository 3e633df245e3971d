#!/bin/sh
# The image, really built and asked: on a bare Debian (debootstrap), by buildah without a container engine, against a real
# PostgreSQL with an owner's and an app's role. As root, on Debian, with its network; 3 to 6 minutes, 1.5 GB below WORK.
#
#   ./limber image            WORK=/somewhere for another place; KEEP=1 keeps it for the next time
#
# APT_FILES and CA_FILES name what a network of one's own needs in the bare system, such as apt's sources.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-/tmp/limber-image}
say() { printf '\n== %s\n' "$*"; }
[ "$(id -u)" = 0 ] || { echo "tests/image/build.sh: needs root, for debootstrap and chroot"; exit 2; }
for program in buildah debootstrap; do
  command -v "$program" >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$program"
done

mkdir -p "$work"
build() { buildah --root "$work/store" --runroot "$work/run" --storage-driver vfs "$@"; }
server=
web=
tidy() {
  [ -z "$web" ] || kill "$web" 2>/dev/null || true
  [ -z "$server" ] || as_postgres "$server/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
  build rm --all >/dev/null 2>&1 || true
  [ "${KEEP:-}" = 1 ] || rm -rf --one-file-system "$work"
}
trap tidy EXIT

say "A bare Debian with Python"
mirror=$(sed -n 's/^URIs: //p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
[ -e "$work/base/usr/bin/python3" ] ||
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$work/base" ${mirror:+"$mirror"} >"$work/debootstrap.log"
for file in ${APT_FILES:-} ${CA_FILES:-}; do
  mkdir -p "$work/base$(dirname "$file")" && cp "$file" "$work/base$file"
done
[ -z "${CA_FILES:-}" ] || {
  chroot "$work/base" update-ca-certificates >/dev/null
  printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$work/base/etc/pip.conf"
}
cat >"$work/base.Dockerfile" <<'END'
FROM scratch
COPY base /
END
build build --quiet --isolation chroot --file "$work/base.Dockerfile" --tag limber-base "$work" >/dev/null

say "The image, from the Dockerfile that the compose file builds"
build build --isolation chroot --format docker --build-arg BASE=localhost/limber-base --target app --tag limber:test "$here"
container=$(build from limber:test)
root=$(build mount "$container")
base_size=$(du -sm "$work/base" | cut -f1)
echo "size: $(du -sm "$root" | cut -f1) MB, of which the bare Debian is $base_size MB"
build inspect --type image --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Cmd}} {{.Docker.Config.Healthcheck}}' limber:test
! find "$root/srv/limber" \( -name .git -o -name tests -o -name secrets \) -not -path '*/.venv/*' | grep . || exit 1

say "A PostgreSQL with an owner and an app"
server=$(find /usr/lib/postgresql -name pg_ctl -printf '%h\n' | sort -V | tail -1)
[ -n "$server" ] || { echo "apt-get install postgresql"; exit 2; }
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/tmp LC_ALL=C.UTF-8 "$@"; }
rm -rf "$work/data" "$work/secrets"
install -d -o postgres "$work/data" "$work/socket"
chmod 0755 "$work"
as_postgres "$server/initdb" -D "$work/data" --auth-local=trust --auth-host=scram-sha-256 --locale=C.UTF-8 >/dev/null
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_postgres "$server/pg_ctl" -D "$work/data" -w -l "$work/data/log" -o "-c listen_addresses=127.0.0.1 -p $port -k $work/socket" start >/dev/null
(cd "$work" && cp "$here/limber" "$work/limber" && DATABASE_HOST="127.0.0.1:$port" sh ./limber secrets >/dev/null && chmod 0755 secrets)
as_postgres env SECRETS="$work/secrets" PGDATA="$work/data" PGHOST="$work/socket" PGPORT="$port" sh "$here/operations/containers/roles.sh"
as_postgres "$server/pg_ctl" -D "$work/data" reload >/dev/null

# What the compose file does with the image: its user, its working folder, its files for secrets, a root that is read.
inside() {
  build run --isolation chroot --cap-drop all --volume "$work/secrets:/run/secrets:ro" \
    --env SITE_URL=http://127.0.0.1:8000 --env SECRET_KEY_FILE=/run/secrets/secret_key \
    --env SEALING_KEYS_FILE=/run/secrets/sealing_keys --env EMAIL_URL_FILE=/run/secrets/email_url \
    --env DATABASE_URL_FILE=/run/secrets/database_url --env METRICS_TOKEN_FILE=/run/secrets/metrics_token "$@"
}

say "make_ready, as the owner"
inside --env OWNER_DATABASE_URL_FILE=/run/secrets/owner_database_url "$container" -- python manage.py make_ready
say "web, as the app"
inside "$container" -- gunicorn --bind 127.0.0.1:8000 >"$work/web.log" 2>&1 &
web=$!
for _ in $(seq 120); do
  inside "$container" -- python -m operations.probe ready 2>/dev/null && break
  kill -0 "$web" || { cat "$work/web.log"; exit 1; }
  sleep 0.5
done
python3 - "$(cat "$work/secrets/metrics_token")" <<'END'
import sys, urllib.request as web

def ask(path, **headers):
    with web.urlopen(web.Request("http://127.0.0.1:8000" + path, headers=headers), timeout=30) as answer:
        return answer.status, answer.read().decode()

status, page = ask("/accounts/login/")
assert status == 200 and "<form" in page, page[:500]
style = page.split('rel="stylesheet" href="')[1].split('"')[0]
print("sign-in page:", status, len(page), "bytes; its style sheet:", style, ask(style)[0])
print("/health/ready:", *ask("/health/ready"))
print("/metrics:", len(ask("/metrics", Authorization=f"Bearer {sys.argv[1]}")[1].splitlines()), "lines")
END
grep -m1 account_login "$work/web.log"

say "worker, once; and what the doctor says"
inside "$container" -- python manage.py send_due
inside "$container" -- python manage.py doctor || true
inside "$container" -- sh -c 'id; touch /srv/limber/x 2>&1 || echo "the code cannot be written"'
say "built, served, asked: all well"
