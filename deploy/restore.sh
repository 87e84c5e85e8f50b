#!/usr/bin/env bash
# Puts a sealed backup back into an empty database. Stop the site first.
#
#   BACKUP_KEY_FILE=/etc/lectern/backup.key deploy/restore.sh /var/backups/lectern/20261123T020000Z
#
# The copy is checked from end to end before a single row is written. PostgreSQL restores in one
# transaction: it stays empty when anything fails. The audit anchor is put back where it was, and
# the chain is verified at the end. With --replace an existing SQLite file and anchor are replaced.
set -euo pipefail
umask 077

stem=${1:?usage: restore.sh STEM [--replace]}
replace=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
manage() { "${LECTERN_PYTHON:-$here/.venv/bin/python}" "$here/manage.py" "$@"; }

assignments=$(manage backup_target)
eval "$assignments"

manage backup_open --check <"$stem.database.sealed"
if [ -f "$stem.anchor.sealed" ]; then
    manage backup_open --check <"$stem.anchor.sealed"
    if [ -n "${LECTERN_ANCHOR:-}" ] && [ -e "$LECTERN_ANCHOR" ] && [ "$replace" != --replace ]; then
        echo "$LECTERN_ANCHOR exists. Move it away, or use --replace." >&2
        exit 1
    fi
fi

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

if [ -f "$stem.anchor.sealed" ] && [ -n "${LECTERN_ANCHOR:-}" ]; then
    mkdir -p "$(dirname "$LECTERN_ANCHOR")"
    manage backup_open <"$stem.anchor.sealed" >"$LECTERN_ANCHOR.restoring"
    mv "$LECTERN_ANCHOR.restoring" "$LECTERN_ANCHOR"
fi
manage audit_verify
