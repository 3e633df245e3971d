#!/bin/sh
# A streaming replica: the first time a copy of the database, from then on whatever it writes.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=$(cat /run/secrets/replication_password)
  rm -rf "${PGDATA:?}"/* # what an interrupted copy has left
  primary="host=db user=limber_replication password=$password"
  # A copy that was there before has left its slot, which the server may have given up: begin with a new one.
  psql --no-psqlrc --quiet --dbname="$primary replication=true" --command="DROP_REPLICATION_SLOT replica" 2>/dev/null || true
  # --write-recovery-conf keeps the password in the data folder, where the server looks for it.
  pg_basebackup --dbname="$primary" --pgdata="$PGDATA" \
    --create-slot --slot=replica --checkpoint=fast --write-recovery-conf
  chmod 0700 "$PGDATA"
fi
exec "$@" -chot_standby=on
