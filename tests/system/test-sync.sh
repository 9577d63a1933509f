#!/bin/bash
# The program's sync: who fetches when several want to, whose files come out of it, with which rights.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 40 >/dev/null
sim_admin reload
people_is 'client = client-123' 'users = user-123'
cache=$W/cache

whole='people: 40 certificates, 0 passcodes'
mode() { stat -c %a "$@" | paste -sd ' '; }
owner() { stat -c %U "$@" | paste -sd ' '; }
modes() { mode "$1" "$1/people.cdb" "$1/people.status" "$1/people.lock"; }
snapshot() { sha256sum <"$cache/people.cdb"; }
inode() { stat -c %i "$cache/people.cdb"; }
leftovers() { find "$cache" -name '.*' -type f -o -name '*.new' -type f; }
unlocked() { ! grep -q ":$(stat -c %i "$cache/people.lock") " /proc/locks; }
waits() { grep -q -- "-> OFDLCK .*:$(stat -c %i "$cache/people.lock") " /proc/locks; }
asks() { grep -qE '^progress = ' "$cache/people.status" && busy people; }
later() { "$top_builddir/certbridge" sync "${@:2}" people >"$W/$1" 2>&1 & }

# Starts a sync that cannot end, and one that waits for it: pids in $first and $second.
two_syncs() # OPTIONS OF THE SECOND
{
    kill -STOP "$SIM_PID"
    later first
    first=$!
    until_true asks
    later second "$@"
    second=$!
    until_true waits
}
go_on() { kill -CONT "$SIM_PID"; wait "$first" 2>/dev/null; status=$?; wait "$second"; status="$status $?"; }

several_at_once()
{
    local before id
    two_syncs
    go_on
    same 'two at once: exit status' "$status" '0 0'
    same 'the first fetches' "$(cat "$W/first")" "$whole"
    same 'the second has its result' "$(cat "$W/second")" "$whole (fetched by another process)"
    same 'from one request' "$(requests)" 1

    before=$(inode)
    two_syncs --force
    go_on
    same '--force waits too' "$status" '0 0'
    same 'and fetches itself' "$(cat "$W/second")" "$whole"
    check 'and writes anew' [ "$(inode)" != "$before" ]

    two_syncs
    kill -KILL "$first"
    go_on
    same 'the holder is killed: exit status' "$status" '137 0'
    same 'the second fetches itself' "$(cat "$W/second")" "$whole, unchanged"
    same 'and tidies' "$(leftovers)" ''

    id=$(certbridge list --json | jq -r '.[0].path')
    id=${id#*/}
    people_is 'client = client-123' 'users = user-123' "certificates = $id, none"
    two_syncs
    go_on
    same 'an id that is gone: both say so' "$status" '1 1'
    has 'the first' "$(cat "$W/first")" '^people: 1 certificates, 0 passcodes, 1 gone; '
    has 'and the second' "$(cat "$W/second")" "^people: 1 certificates, 0 passcodes, 1 gone .fetched by another process.; "

    sim_admin fault kind=status status=403
    two_syncs
    go_on
    same 'a failure: both fail' "$status" '1 1'
    has 'the second with the reason of the first' "$(cat "$W/second")" 'another process tried just now: .*403'
    sim_admin reset
    people_is 'client = client-123' 'users = user-123'
    certbridge sync --quiet
}

# Its host may have the lock's file open too, to look.
helper_pid()
{
    local pid
    for pid in $(fuser "$cache/people.lock" 2>/dev/null); do
        grep -qxz sync "/proc/$pid/cmdline" && echo "$pid"
    done
}

# A face hands its lock over as descriptor 3, and the helper needs no other.
helper()
{
    local pid asked
    forget
    kill -STOP "$SIM_PID"
    pkcs11 --token-label people -O --type cert >"$W/first" 2>&1 &
    first=$!
    until_true asks
    pid=$(helper_pid)
    same 'the helper holds the lock as descriptor 3' "$(readlink "/proc/$pid/fd/3")" "$cache/people.lock"
    same 'and no other descriptor has it' "$(readlink /proc/"$pid"/fd/* | grep -c 'people\.lock')" 1
    later second
    second=$!
    until_true waits
    go_on
    same 'its host lists everything' "$(grep -c 'Certificate Object' "$W/first")" 40
    same 'a sync by hand has its result' "$(cat "$W/second")" "$whole (fetched by another process)"

    asked=$(requests)
    certbridge sync --quiet --helper people 3<>"$cache/people.lock"
    same 'a helper that was started too late is content' $? 0
    same 'and asks nothing' "$(requests)" "$asked"
    age people 1000
    certbridge sync --quiet --helper people 3<>"$cache/people.lock"
    same 'on a stale snapshot it asks' "$(requests)" $((asked + 1))
}

ended_by_a_signal()
{
    local before
    before=$(snapshot)
    kill -STOP "$SIM_PID"
    later first --force
    first=$!
    until_true compgen -G "$cache/.people.cdb.*"
    kill -TERM "$first"
    wait "$first" 2>/dev/null
    same 'SIGTERM ends it' $? 143
    same 'without a temporary file' "$(leftovers)" ''
    same 'and without a new snapshot' "$(snapshot)" "$before"
    kill -CONT "$SIM_PID"
    out=$( (ulimit -f 4 && exec "$top_builddir/certbridge" sync --force people) 2>&1)
    same 'a limit of file sizes ends it' $? 1
    has 'with words and not by a signal' "$out" 'source people: .*File too large'
    same 'without a temporary file' "$(leftovers)" ''
    same 'and the snapshot stays' "$(snapshot)" "$before"
}

tidying()
{
    cp "$cache/people.cdb" "$cache/nobody.cdb"
    cp "$cache/people.cdb" "$cache/nobody.txt"
    echo 'not ours' >"$cache/other.cdb"
    ln -s people.cdb "$cache/link.cdb"
    : >"$cache/people.status.new"
    certbridge sync --quiet
    check 'a snapshot that no source owns goes' [ ! -e "$cache/nobody.cdb" ]
    check 'another file of that name stays' [ -e "$cache/other.cdb" ]
    check 'a link stays' [ -L "$cache/link.cdb" ]
    check 'and what has another name' [ -e "$cache/nobody.txt" ]
    check "the source's own stays" [ -e "$cache/people.cdb" ]
    same 'leftovers go' "$(leftovers)" ''
}

missing_variable()
{
    forget
    sed -i 's|^bearer_token = .*|bearer_token = env:PEOPLE_TOKEN|' "$W/certbridge.conf"
    refuses 'a variable that is missing' 1 certbridge sync people
    lacks 'starts no back-off' "$(cat "$cache/people.status")" '^(next_try|retry_after)'
    same 'so that the next sync succeeds' "$(PEOPLE_TOKEN=test-token certbridge sync people)" "$whole"
    people_is 'client = client-123' 'users = user-123'
}

# Rows: name | umask | modes of folder, snapshot, status, lock
of_a_configuration() # KEY VALUE
{
    local name mask wanted
    [ $# -eq 0 ] || sed -i "s/^\[certbridge\]$/&\n$1 = $2/" "$W/certbridge.conf"
    while IFS='|' read -r name mask wanted; do
        forget
        (umask "$mask" && certbridge sync --quiet)
        same "$name, umask $mask" "$(modes "$cache")" "$wanted"
    done
    [ $# -eq 0 ] || sed -i "/^$1 = /d" "$W/certbridge.conf"
}

group_of_files()
{
    of_a_configuration group "$1" <<ROWS
modes with a group|000|750 640 640 600
modes with a group|077|750 640 640 600
ROWS
    sed -i "s/^\[certbridge\]$/&\ngroup = $1/" "$W/certbridge.conf"
    certbridge sync --quiet --force
    same 'the files are of that group' "$(stat -c %G "$cache"/people.{cdb,status} | sort -u)" "$1"
    sed -i 's/^group = .*/group = no-such-group/' "$W/certbridge.conf"
    has 'a group that is not there is named' "$(certbridge sync 2>&1)" 'group = no-such-group: '
    sed -i '/^group = /d' "$W/certbridge.conf"
}

own_files()
{
    of_a_configuration <<'ROWS'
modes of a user's own|000|700 600 600 600
modes of a user's own|077|700 600 600 600
ROWS
}

system_files()
{
    of_a_configuration <<'ROWS'
modes of the system's|000|755 644 644 600
modes of the system's|077|755 644 644 600
ROWS
}

is_between() { [ "$1" -lt "$2" ] && [ "$2" -lt "$3" ]; }

# Root's sync works as the owner of the cache: nothing is asked before that, and nobody but the API.
owned_by_another()
{
    local trace=$W/trace changed connected
    chmod 755 "$W"
    forget
    sed -i 's/^\[certbridge\]$/&\nowner = daemon/' "$W/certbridge.conf"
    ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=setgroups,setresgid,setresuid,connect,openat \
        -o "$trace" "$top_builddir/certbridge" sync --quiet people
    same "owner = daemon: sync by root" $? 0
    same 'folder and files are of that user' "$(owner "$cache" "$cache"/people.{cdb,status,lock} | tr ' ' '\n' | sort -u)" daemon
    same 'and of its group' "$(stat -c %G "$cache/people.cdb")" daemon
    same 'modes are those of the system' "$(modes "$cache")" '755 644 644 600'
    changed=$(grep -n -m 1 'setresuid(.* = 0' "$trace" | cut -d: -f1)
    connected=$(grep -n -m 1 'connect(' "$trace" | cut -d: -f1)
    check 'its rights were dropped before it connected' is_between 0 "${changed:-0}" "${connected:-0}"
    has 'its groups too' "$(head -n "${changed:-0}" "$trace")" 'setgroups\(0, '
    lacks 'no name service was asked' "$(cat "$trace")" 'AF_UNIX|libnss_(ldap|sss|systemd)|nscd'
    has 'nor could it become root again' "$(cat "$trace")" 'setresuid\(1, 1, 1\)'

    kill -STOP "$SIM_PID"
    later first --force
    first=$!
    until_true compgen -G "$cache/.people.cdb.*"
    kill -TERM "$first"
    wait "$first" 2>/dev/null
    check 'SIGTERM ends its child too' until_true unlocked
    same 'without a temporary file' "$(leftovers)" ''
    kill -CONT "$SIM_PID"

    sed -i 's/^owner = .*/owner = nobody/' "$W/certbridge.conf"
    refuses "another's folder" 1 certbridge sync people
    has 'is refused with the remedy' "$(certbridge sync people 2>&1)" "cache belongs to user daemon.*chown nobody"
    sed -i '/^owner = /d' "$W/certbridge.conf"
}

# What an ordinary user sees of it: a folder of another user is not written to.
not_owned()
{
    sed -i 's|^cache = .*|cache = /usr|' "$W/certbridge.conf"
    refuses "root's folder" 1 certbridge sync people
    sed -i "s|^cache = .*|cache = $cache|; s/^\[certbridge\]$/&\nowner = daemon/" "$W/certbridge.conf"
    has 'owner in a configuration of an own' "$(certbridge sync people 2>&1)" 'owner'
    sed -i '/^owner = /d' "$W/certbridge.conf"
}

# The rest as nobody, with everything its own.
as_nobody()
{
    forget
    cp "$top_builddir/certbridge" "$W/program"
    chown -R nobody "$W/certbridge.conf" "$W/people.token" "$W/pki"
    chown nobody "$W"
    certbridge() { setpriv --reuid nobody --regid nogroup --clear-groups "$W/program" "$@"; }
    own_files
}

several_at_once
helper
ended_by_a_signal
tidying
missing_variable
chmod 777 "$cache"
refuses 'a folder that others may write' 1 certbridge sync people
has 'is refused with the remedy' "$(certbridge sync people 2>&1)" 'mode 0777.*chmod go-w'
if [ "$(id -u)" -eq 0 ]; then
    system_files
    group_of_files daemon
    owned_by_another
    as_nobody
else
    group_of_files "$(id -gn)"
    not_owned
    own_files
fi
plan
