#!/usr/bin/env bash
# A sealed backup of the database and of the audit anchor. Recordings are separate: copy the folder
# of media, or let the object store keep versions.
#
#   BACKUP_KEY_FILE=/etc/lectern/backup.key deploy/backup.sh /var/backups/lectern
#
# Writes <time>.database.sealed and <time>.anchor.sealed, whole or not at all, and prints the first
# part of their names. Run it as the user of the site, with the site's environment.
set -euo pipefail
umask 077

folder=${1:?usage: backup.sh FOLDER}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
manage() { "${LECTERN_PYTHON:-$here/.venv/bin/python}" "$here/manage.py" "$@"; }

assignments=$(manage backup_target)
eval "$assignments"
mkdir -p "$folder"
stem="$folder/$(date -u +%Y%m%dT%H%M%SZ)"
draft=$(mktemp -d "$folder/.backup-XXXXXX")
trap 'rm -rf "$draft"' EXIT

# The anchor first: every head that it names is then in the database of the copy as well.
anchor=""
if [ -n "${LECTERN_ANCHOR:-}" ] && [ -f "$LECTERN_ANCHOR" ]; then
    manage backup_seal <"$LECTERN_ANCHOR" >"$draft/anchor"
    anchor=yes
fi

case "$LECTERN_DATABASE" in
postgresql) pg_dump --format=custom --no-owner --no-privileges | manage backup_seal >"$draft/database" ;;
sqlite) manage backup_sqlite dump | manage backup_seal >"$draft/database" ;;
*)
    echo "backup.sh does not know databases of the kind $LECTERN_DATABASE" >&2
    exit 1
    ;;
esac

# What cannot be opened is no backup.
manage backup_open --check <"$draft/database" 2>/dev/null
sync "$draft"/* 2>/dev/null || true
[ -z "$anchor" ] || mv "$draft/anchor" "$stem.anchor.sealed"
mv "$draft/database" "$stem.database.sealed"
echo "$stem"
