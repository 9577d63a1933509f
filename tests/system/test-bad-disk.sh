#!/bin/bash
# A cache that cannot be written, a disk that is full, syncs that are killed: the old snapshot stays whole.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 300 >/dev/null
sim_admin reload
people_is 'client = client-123' 'users = user-123' 'retries = 0'
cache=$W/cache

snapshot() { sha256sum <"$cache/people.cdb"; }
leftovers() { find "$cache" -name '.*' -type f | wc -l; }
served() { certbridge list --json certbridge://people | jq length; }

# NAME WORDS: $out and $status are of a sync that failed for the disk's sake.
judge()
{
    same "$1: exit status" "$status" 1
    has "$1: says so" "$out" "$2"
    same "$1: the snapshot stays" "$(snapshot)" "$whole"
    same "$1: no leftovers" "$(leftovers)" 0
    same "$1: served" "$(served)" 300
}

# A sync with files of at most so many KiB: what a full disk does to each write.
limited() { (trap '' XFSZ; ulimit -f "$1"; exec "$top_builddir/certbridge" sync --force people) 2>&1; }

file_size_limits()
{
    local kib
    for kib in 0 4 64 200; do
        out=$(limited $kib) status=$?
        judge "files of at most $kib KiB" 'source people: .*(File too large|cannot)'
    done
}

# In a file system of its own that is too small, where that is permitted; else by a limit again.
full_disk()
{
    if unshare -m true 2>/dev/null; then
        out=$(unshare -m bash -c 'mkdir "$1/kept" && cp -p "$1"/cache/* "$1/kept" &&
            mount -t tmpfs -o size=640k,mode=755 tmpfs "$1/cache" && cp -p "$1"/kept/* "$1/cache" || exit 99
            "$2" sync --force people 2>&1
            status=$?
            [ "$(sha256sum <"$1/cache/people.cdb")" = "$3" ] || echo changed
            find "$1/cache" -name ".*" -type f
            exit $status' - "$W" "$top_builddir/certbridge" "$whole")
        status=$?
        lacks 'full disk: nothing is left, or changed' "$out" '^(/|changed)'
        judge 'full disk' 'source people: .*No space left on device'
    else
        out=$(limited 100) status=$?
        lacks 'full disk: nothing is left' "$(leftovers)" '[1-9]'
        judge 'full disk' 'source people: .*File too large'
    fi
}

temporary() { compgen -G "$cache/.people.cdb.??????" >/dev/null; }

# Rows: name | signal | leftovers
killed()
{
    local name signal left pid
    while IFS='|' read -r name signal left; do
        sim_admin fault kind=stall after=1
        env --default-signal=INT "$top_builddir/certbridge" sync --force people >/dev/null 2>&1 &
        pid=$!
        until_true temporary
        until_true waiting
        kill "-$signal" "$pid"
        wait "$pid" 2>/dev/null
        sim_admin reset
        same "$name: the snapshot stays" "$(snapshot)" "$whole"
        same "$name: leftovers" "$(leftovers)" "$left"
        same "$name: served" "$(served)" 300
        has "$name: the next sync" "$(certbridge sync people 2>&1)" '^people: 300 certificates, 0 passcodes, unchanged$'
        same "$name: cleans up" "$(leftovers)" 0
        same "$name: status tells of no refresh" "$(certbridge status | grep -c running)" 0
    done <<ROWS
kill -9|KILL|1
terminated|TERM|0
interrupted|INT|0
ROWS
}
waiting() { [ "$(sim_counters | jq .in_flight)" -gt 0 ]; }

# At forty moments of a whole sync.
killed_while_writing()
{
    local i pid whole_ones=0
    for i in {1..40}; do
        "$top_builddir/certbridge" sync --force people >/dev/null 2>&1 &
        pid=$!
        sleep "0.0$((i / 10))$((i % 10))"
        kill -KILL "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        [ "$(served)" -eq 300 ] && whole_ones=$((whole_ones + 1))
    done
    same 'killed forty times: always served' "$whole_ones" 40
    check 'and synced in the end' certbridge sync
    same 'without leftovers' "$(leftovers)" 0
}

# Root may write everywhere: there another user tries.
not_writable()
{
    if [ "$(id -u)" -eq 0 ]; then
        cp "$top_builddir/certbridge" "$W/program"
        chmod 755 "$W" && chgrp nogroup "$W/people.token" && chmod 640 "$W/people.token"
        out=$(setpriv --reuid nobody --regid nogroup --clear-groups "$W/program" sync --force people 2>&1) status=$?
    else
        chmod 555 "$cache"
        out=$(certbridge sync --force people 2>&1) status=$?
        chmod 755 "$cache"
    fi
    judge 'a cache that we may not write' "source people: .*$cache.*(Permission denied|not permitted)"
    sed -i "s|^cache = .*|cache = $W/none/cache|" "$W/certbridge.conf"
    refuses 'a cache whose parent does not exist' 1 certbridge sync
    has 'says what sync makes' "$(certbridge sync 2>&1)" "making the cache folder $W/none/cache .sync makes the last component"
    sed -i "s|^cache = .*|cache = $W/people.token|" "$W/certbridge.conf"
    refuses 'a cache that is a file' 1 certbridge sync
    has 'is named' "$(certbridge sync 2>&1)" "$W/people.token"
    sed -i "s|^cache = .*|cache = $cache|" "$W/certbridge.conf"
    chmod 777 "$cache"
    refuses 'a cache that all may write' 1 certbridge sync
    has 'is refused with the reason' "$(certbridge sync 2>&1)" "$cache.*writ"
    chmod 755 "$cache"
}

certbridge sync --quiet
whole=$(snapshot)
file_size_limits
full_disk
killed
not_writable
killed_while_writing
plan
