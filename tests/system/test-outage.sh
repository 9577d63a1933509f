#!/bin/bash
# A registry that is down, stalls, or refuses: what is served, what is said, and when it is asked again.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 2 >/dev/null
factory_add --from "$W/pki/root.pem" >/dev/null
sim_admin reload
keys() { PEOPLE_KEYS=$(printf '%s\n' "$@") && configure; }

list() { pkcs11 --token-label people -O --type cert 2>&1; }
logged() { CERTBRIDGE_LOG=error list; }
stored() { storeutl -certs certbridge://people 2>&1; }
count() { list | grep -c 'Certificate Object'; }
status() { certbridge status --json | jq -r ".[] | select(.source == \"people\") | .$1"; }
# What ends the back-off too, but is no test of it.
calm() { rm -f "$W/cache/people.status"; }

keys 'retries = 0' 'wait = 5m'
certbridge sync --quiet
sim_stop
same 'the server is gone, the snapshot fresh: served' "$(count)" 2
age people 1000
same 'stale: served' "$(count)" 2
until_true idle people
has 'status has the reason' "$(status error)" 'connect to localhost.* failed|localhost.*refused'
same 'and still counts what is served' "$(status certificates)" 2
check 'and succeeds' certbridge status
check 'list too' certbridge list

age people 90000
has 'older than max_stale: an error with host and reason' "$(stored)" \
    'source people: the snapshot of .* is older than max_stale allows; .*localhost.*(refused|failed)'
refuses 'exit status 1' 1 stored
has 'PKCS#11: a device error' "$(list)" 'C_FindObjectsInit.*CKR_DEVICE_ERROR'
has 'with host and reason in the log' "$(logged)" 'certbridge\[.*people: .*localhost'
has 'sessions still open' "$(pkcs11 --token-label people -L 2>&1)" 'token label *: people'
same 'the other source still lists' "$(pkcs11 --token-label factory -O --type cert | grep -c 'Certificate Object')" 1
has 'and p11tool lists all that lives' "$(${CB_HOST:-} p11tool --batch --provider="$MODULE" --list-all-certs 'pkcs11:' 2>&1)" 'token=factory'
refuses 'status says that nothing is served' 1 certbridge status
refuses 'and list reads as the faces do' 1 certbridge list certbridge://people
has 'with the reason' "$(certbridge list certbridge://people 2>&1)" 'older than max_stale allows; .*localhost'

# The helper writes the reason of each try; a caller whose wait ends quotes it and leaves the helper at work.
keys 'retries = 10' 'wait = 50ms'
calm
until_true eval "stored | grep -q 'still trying: .*localhost'"
has 'the wait ends: what has been met so far' "$(stored)" 'still trying: .*localhost.*\(try [0-9]+ of 11\)'
check 'the helper goes on without the caller' busy people
has 'a further caller quotes it too' "$(logged)" 'still trying: .*localhost'
check 'by the same helper' busy people

# It goes on until the server is back.
SIM_PORT=${SIM_URL##*:}
sim_start "$W" --port "$SIM_PORT"
until_true idle people
same 'the server is back: the helper that went on fetched' "$(count)" 2
same 'and the error is gone' "$(status error)" null

# A stalled server.
keys 'retries = 0' 'wait = 300ms' 'timeout = 5m' 'connect_timeout = 5m'
certbridge sync --quiet people
age people 90000
kill -STOP "$SIM_PID"
has 'a stalled server: an error when the wait ends' "$(stored)" 'still trying: asking https://localhost'
check 'the helper goes on' busy people
has 'PKCS#11 too' "$(logged)" 'people: .*still trying: '
kill -CONT "$SIM_PID"
until_true idle people
same 'and the new data come in the end' "$(count)" 2

# Back-off: after a failure nobody asks until it ends.
keys 'retries = 0' 'wait = 5m'
certbridge sync --quiet people
before=$(requests)
sim_admin fault kind=status status=500 code=oops message='the database is away' match=nevisidm
age people 90000
has 'a failing server: its own words' "$(stored)" 'HTTP 500 from localhost.*oops.*the database is away'
same 'was asked once' "$(requests)" $((before + 1))
has 'the next caller fails at once with the stored reason' "$(stored)" \
    'the last refresh failed: .*the database is away.*\(next try at [0-9T:-]+Z\)'
has 'the other face too' "$(logged)" 'the last refresh failed: .*the database is away'
age people 1000
same 'one with a stale snapshot is served' "$(count)" 2
check 'nobody starts a helper' idle people
same 'nobody asked again' "$(requests)" $((before + 1))
check 'status says when it will' [ "$(status next_try)" != null ]
refuses 'sync by hand asks all the same' 1 certbridge sync people
same 'once more' "$(requests)" $((before + 2))
wait_s() { echo $(($(date -d "$(status next_try)" +%s) - $(date -d "$(status last_try)" +%s))); }
check 'the second wait is longer' [ "$(wait_s)" -ge 8 ]

# ends_it NAME COMMAND...: the next call refreshes in spite of the back-off, and fails again.
ends_it()
{
    local name=$1 before
    shift
    refuses 'a back-off runs' 1 certbridge sync people
    before=$(requests)
    age people 1000
    list >/dev/null && until_true idle people
    same 'and holds' "$(requests)" "$before"
    "$@"
    list >/dev/null && until_true idle people
    same "$name ends it" "$(requests)" $((before + 1))
}
ends_it 'a touched configuration' touch "$W/certbridge.conf"
ends_it 'a touched secret' touch "$W/people.token"

# The time comes: the stored one is brought forward instead of being waited for.
due() { sed -i "s/^next_try = .*/next_try = $(($(date +%s) - 1))/" "$W/cache/people.status"; }
sim_admin clear
before=$(requests)
people_add user-123 1 --first 2 >/dev/null && sim_admin reload
due
same 'the back-off is over: served at once, as before' "$(count)" 2
until_true idle people
same 'by one refresh in the background' "$(requests)" $((before + 2))
same 'and the new data are there' "$(count)" 3
check 'nothing is left of the failures' [ "$(status next_try)" = null ]

sim_admin fault kind=status status=500 match=nevisidm
refuses 'down once more' 1 certbridge sync people
sim_admin clear
age people 90000
due
same 'after max_stale the first caller waits for it' "$(count)" 3

# A server that asks to be left alone.
sim_admin fault kind=status status=429 retry_after=120 match=nevisidm
refuses 'Retry-After beyond the retries ends the try' 1 certbridge sync people
check 'and sets the next one' [ "$(wait_s)" -ge 119 ]
before=$(requests)
refuses 'a sync by hand heeds it' 1 certbridge sync people
has 'and says so' "$(certbridge sync people 2>&1)" 'asked to be left alone until .*Retry-After.*--force'
same 'nothing was asked' "$(requests)" "$before"
sim_admin clear
check '--force heeds nothing' certbridge sync --force people

# A key that is revoked.
for code in 401 403; do
    calm
    certbridge sync --quiet people
    sim_admin fault kind=status status=$code code=revoked message="key revoked $code" match=nevisidm
    age people 1000
    same "$code: the snapshot is served" "$(count)" 3
    until_true idle people
    has 'the reason in status' "$(status error)" "HTTP $code .*key revoked $code"
    has 'and for people' "$(certbridge status)" "error +.*key revoked $code"
    has 'and in the log' "$(CERTBRIDGE_LOG=info list)" "served from an old snapshot; .*key revoked $code"
    age people 90000
    has 'until max_stale' "$(stored)" "older than max_stale.*key revoked $code"
    sim_admin clear
done
lacks 'no secret in any of it' "$(strings -a "$W"/cache/*)" 'test-token|test-api-key'
plan
