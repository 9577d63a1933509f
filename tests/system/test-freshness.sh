#!/bin/bash
# When a snapshot is served, refreshed, waited for and refused.
set -u
. "$top_srcdir/tests/system/world.sh"
world
PEOPLE_KEYS=$'connect_timeout = 5m\ntimeout = 5m\nwait = 5m'
configure
people_add user-123 2 >/dev/null
factory_add --from "$W/pki/root.pem" >/dev/null
sim_admin reload

list() { pkcs11 --token-label people -O --type cert 2>&1; }
count() { list | grep -c 'Certificate Object'; }
inode() { stat -c %i "$W/cache/people.cdb"; }
mtime() { stat -c %Y "$W/cache/people.cdb"; }
# Makes what the registry holds differ from every snapshot so far.
more() { people_add user-123 1 --first $((first++)) >/dev/null && sim_admin reload; }
first=2

same 'missing: a refresh is started and waited for' "$(count)" 2
same 'the users and one list' "$(requests)" 2

more
same 'fresh: what there is' "$(count)" 2
check 'no helper runs' idle people
same 'and nothing is asked' "$(requests)" 2

# A stopped simulator makes the refresh last as long as it takes to look at it.
age people 1000
kill -STOP "$SIM_PID"
same 'stale: served at once' "$(count)" 2
check 'while the refresh runs' busy people
same 'by the other face too' "$(storeutl -certs certbridge://people 2>&1 | tail -n 1)" 'Total found: 2'
kill -CONT "$SIM_PID"
until_true idle people
same 'afterwards the new data are there' "$(count)" 3
same 'from one refresh' "$(requests)" 4

more
age people 90000
same 'older than max_stale: waits for the new data' "$(count)" 4
same 'one refresh more' "$(requests)" 6

more
touch -d '+1 hour' "$W/cache/people.cdb"
has 'a time in the future: status says so' "$(certbridge status)" 'serves +4 certificates.*clock set back'
same 'served' "$(count)" 4
until_true idle people
same 'and refreshed' "$(requests) $(count)" '8 5'
check 'which sets it right' [ "$(mtime)" -le "$(date +%s)" ]

certbridge sync --quiet people
before=$(inode)
age people 1000
same 'a sync without a change says so' "$(certbridge sync people)" 'people: 5 certificates, 0 passcodes, unchanged'
same 'and leaves the file as it is' "$(inode)" "$before"
check 'but for its time' [ "$(mtime)" -gt "$(date -d '-900 seconds' +%s)" ]
certbridge sync --quiet --force people
check '--force writes anew' [ "$(inode)" != "$before" ]

people_add user-456 1 >/dev/null && sim_admin reload
sed -i 's/^users = .*/users = user-456/' "$W/certbridge.conf"
same 'another configuration: the old snapshot is as good as none' "$(count)" 1
configure

# What is wrong with a snapshot is said by whoever may not fetch it anew, and mended by whoever may.
spoilt() # NAME PATTERN
{
    local before
    PEOPLE_KEYS=$'start_refresh = no' && configure
    refuses "$1: refused" 1 storeutl -certs certbridge://people
    has 'with the reason' "$(storeutl -certs certbridge://people 2>&1)" "$2"
    has 'and who can mend it' "$(storeutl -certs certbridge://people 2>&1)" 'certbridge sync. must run as user'
    has 'by PKCS#11 as a device error' "$(list)" 'CKR_DEVICE_ERROR'
    has 'with the reason in the log' "$(CERTBRIDGE_LOG=error list)" "$2"
    PEOPLE_KEYS=$'wait = 5m' && configure
    same "$1: fetched anew" "$(count)" 6
    has 'and trusted again' "$(certbridge status)" 'serves +6 certificates'
}
certbridge sync --quiet
damage() { head -c "$1" "$W/cache/people.cdb" >"$W/cut" && mv "$W/cut" "$W/cache/people.cdb"; }
damage 3000 && spoilt 'a truncated snapshot' 'people\.cdb: '
damage 0 && spoilt 'an empty snapshot' 'people\.cdb: '
chmod 666 "$W/cache/people.cdb" && spoilt 'a snapshot that others may write' 'mode 0666.*chmod go-w'
chmod 664 "$W/cache/people.cdb" && spoilt 'a snapshot that a group may write' 'mode 0664.*chmod go-w'
if [ "$(id -u)" -eq 0 ]; then
    chown nobody "$W/cache/people.cdb" && spoilt "a snapshot of another user" 'belongs to user nobody'
fi

chmod 777 "$W/cache"
refuses 'a cache folder that others may write: refused' 1 storeutl -certs certbridge://people
has 'with the reason' "$(storeutl -certs certbridge://people 2>&1)" "cache .*mode 0777.*chmod go-w"
refuses 'and sync does not write there' 1 certbridge sync
chmod 755 "$W/cache"

PEOPLE_KEYS='start_refresh = no' && configure
before=$(requests)
age people 1000
same 'start_refresh = no: a stale snapshot is served' "$(count)" 6
check 'no helper runs' idle people
age people 90000
has 'after max_stale it is not' "$(storeutl -certs certbridge://people 2>&1)" \
    "older than max_stale.*start_refresh = no: .certbridge sync. must run as user $(id -un)"
same 'nothing was asked' "$(requests)" "$before"
certbridge sync --quiet people
same 'and a sync by hand mends it' "$(count)" 6

# A configuration is read from its owner and root only.
chmod 666 "$W/certbridge.conf"
refuses 'a configuration that others may write' 2 certbridge list
has 'says the remedy' "$(certbridge list 2>&1)" 'certbridge.conf.*mode 0666.*chmod go-w'
has 'the provider says so too' "$(storeutl -certs certbridge://people 2>&1)" 'mode 0666'
has 'PKCS#11 has no slots' "$(list)" 'No slot'
has 'and the log says why' "$(CERTBRIDGE_LOG=error list)" 'mode 0666'
chmod 644 "$W/certbridge.conf"
if [ "$(id -u)" -eq 0 ]; then
    chown nobody "$W/certbridge.conf"
    refuses 'a configuration of another user' 2 certbridge list
    has 'says whose it is' "$(certbridge list 2>&1)" 'belongs to user nobody'
    chown root "$W/certbridge.conf"
fi

# The log: nothing without it, the reasons with it.
forget
lacks 'without CERTBRIDGE_LOG nothing is said of a failure' "$(list)" 'certbridge'
has 'with it the reason' "$(CERTBRIDGE_LOG=error list)" 'certbridge\[[0-9]+\] error: .*start_refresh = no'
CERTBRIDGE_LOG=debug:$W/log list >"$W/out" 2>&1
lacks 'a log in a file is not on stderr' "$(cat "$W/out")" 'certbridge\['
has 'but there' "$(cat "$W/log")" '^[0-9T:-]+Z certbridge\[[0-9]+\] [a-z]+: '
lacks 'and holds no secret' "$(cat "$W/log")" 'test-token|test-api-key'
plan
