#!/bin/sh
# Make the standby of this machine the primary. Run it on the standby, as postgres:
#   promote.sh DATA_DIR [BIN_DIR]
# First make sure that the former primary is off (power, network): two primaries are worse than none.
# `make cluster` runs this very file.
set -eu
data=${1:?the data directory of the standby}
bin=${2:-$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)}
port=$(sed -n 4p "$data/postmaster.pid")
sockets=$(sed -n 5p "$data/postmaster.pid")
ask() { "$bin/psql" -X -A -t -q -h "$sockets" -p "$port" -U "${PGUSER:-postgres}" -d postgres -c "$1"; }

if [ "$(ask 'select pg_is_in_recovery()')" != t ]; then
    echo "already the primary"
    exit 0
fi
echo "received up to $(ask 'select pg_last_wal_receive_lsn()')"
"$bin/pg_ctl" promote -w -t 60 -D "$data" >/dev/null
# Nobody stands behind it now: without this every commit would wait for a standby that is gone.
ask "alter system set synchronous_standby_names = ''"
ask 'select pg_reload_conf()' >/dev/null
[ "$(ask 'select pg_is_in_recovery()')" = f ]
echo "promoted; now make a new standby: pg_basebackup -R (docs/production.md)"
