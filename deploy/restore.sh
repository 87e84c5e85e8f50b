#!/usr/bin/env bash
# Puts a sealed backup back into an empty database. Stop the site first.
#
#   BACKUP_KEY_FILE=/etc/lectern/backup.key deploy/restore.sh /var/backups/lectern/20261123T020000Z
#
# The copy is checked from end to end before a single row is written. PostgreSQL restores in one
# transaction: it stays empty when anything fails. At the end the audit chain is verified. An audit
# anchor that is on this host stays, since it tells what the log once held; without one the copy's
# is put in place. --replace puts SQLite's copy over an existing file.
set -euo pipefail
umask 077

stem=${1:?usage: restore.sh STEM [--replace]}
replace=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
manage() { "${LECTERN_PYTHON:-$here/.venv/bin/python}" "$here/manage.py" "$@"; }

assignments=$(manage backup_target)
eval "$assignments"

manage backup_open --check <"$stem.database.sealed"

case "$LECTERN_DATABASE" in
postgresql)
    manage backup_open <"$stem.database.sealed" |
        pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$PGDATABASE"
    ;;
sqlite) manage backup_open <"$stem.database.sealed" | manage backup_sqlite load ${replace:+"$replace"} ;;
*)
    echo "restore.sh does not know databases of the kind $LECTERN_DATABASE" >&2
    exit 1
    ;;
esac

if [ -n "${LECTERN_ANCHOR:-}" ] && [ -f "$stem.anchor.sealed" ] && [ ! -s "$LECTERN_ANCHOR" ]; then
    mkdir -p "$(dirname "$LECTERN_ANCHOR")"
    manage backup_open <"$stem.anchor.sealed" >"$LECTERN_ANCHOR.restoring"
    mv "$LECTERN_ANCHOR.restoring" "$LECTERN_ANCHOR"
fi
if ! manage audit_verify; then
    echo "If this host's anchor is newer than the backup, the entries in between are lost: accept" >&2
    echo "that by: manage.py audit_anchor --accept REASON, which the log then tells." >&2
    exit 1
fi
