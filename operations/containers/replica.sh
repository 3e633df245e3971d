#!/bin/sh
# A streaming replica: the first time a copy of the database, from then on whatever it writes.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=$(cat /run/secrets/replication_password)
  rm -rf "${PGDATA:?}"/* # what an interrupted copy has left
  # --write-recovery-conf keeps the password in the data folder, where the server looks for it.
  pg_basebackup --dbname="host=db user=limber_replication password=$password" --pgdata="$PGDATA" \
    --create-slot --slot=replica --checkpoint=fast --write-recovery-conf ||
    pg_basebackup --dbname="host=db user=limber_replication password=$password" --pgdata="$PGDATA" \
      --slot=replica --checkpoint=fast --write-recovery-conf
  chmod 0700 "$PGDATA"
fi
exec "$@" -chot_standby=on
