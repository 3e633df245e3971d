#!/bin/sh
# The database and its roles: who owns the tables, who the app is, who a replica is. May be run again: it changes
# passwords to what the files say. As PostgreSQL's administrator; SECRETS names the folder with the passwords.
set -eu
secrets=${SECRETS:-/run/secrets}
run() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }

run --dbname=postgres \
  --set=owner="$(cat "$secrets/owner_password")" \
  --set=app="$(cat "$secrets/app_password")" \
  --set=replication="$(cat "$secrets/replication_password")" <<'SQL'
SET client_min_messages = warning; -- what is there already need not be said
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY['limber_owner', 'limber_app', 'limber_replication']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
-- REPLICATION: the owner makes the backup.
ALTER ROLE limber_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE REPLICATION PASSWORD :'owner';
ALTER ROLE limber_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'app';
ALTER ROLE limber_replication LOGIN NOSUPERUSER REPLICATION PASSWORD :'replication';
-- Also through PgBouncer, which hands on no settings of a connection.
ALTER ROLE limber_app SET statement_timeout = '30s';
ALTER ROLE limber_app SET lock_timeout = '5s';
ALTER ROLE limber_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE limber_app SET timezone = 'UTC'; -- otherwise Django sets it, for whoever has that connection next
-- For the backup: how far the log of changes has been received is shown to no one else but a superuser.
GRANT pg_read_all_stats TO limber_owner;
-- Words in the same order on every machine, whatever its language: an index outlives the machine that it was made on.
SELECT 'CREATE DATABASE limber OWNER limber_owner ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'limber') \gexec
REVOKE ALL ON DATABASE limber FROM PUBLIC;
GRANT CONNECT ON DATABASE limber TO limber_app;
SQL

run --dbname=limber <<'SQL'
ALTER SCHEMA public OWNER TO limber_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO limber_app;
-- For the backup: it names the moment of a copy, and asks for what is not yet written to be written.
GRANT EXECUTE ON FUNCTION pg_create_restore_point(text), pg_switch_wal() TO limber_owner;
-- What the owner makes, by migrations, the app may use; what it may not, the migration that makes it takes away.
ALTER DEFAULT PRIVILEGES FOR ROLE limber_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO limber_app;
ALTER DEFAULT PRIVILEGES FOR ROLE limber_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO limber_app;
SQL

# In the container, where a new cluster lets in no replica.
[ -z "${PGDATA:-}" ] || grep -q limber_replication "$PGDATA/pg_hba.conf" ||
  echo "host replication limber_owner,limber_replication samenet scram-sha-256" >>"$PGDATA/pg_hba.conf"
