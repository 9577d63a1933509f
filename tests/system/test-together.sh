#!/bin/bash
# Many programs at once cause one refresh, and all see everything.
set -u
. "$top_srcdir/tests/system/world.sh"
world --set delay_ms=100
people_add user-123 120 >/dev/null
people_add user-456 3 >/dev/null
sim_admin reload

# N COMMAND...: as the Nth of many.
as() { local n=$1; shift; "$@" >"$W/out.$n" 2>&1 & pids[n]=$!; }
# What all of them found.
found() { for i in "${!pids[@]}"; do grep -cE '^(Certificate Object|Object [0-9]|-----BEGIN CERT)' "$W/out.$i"; done | sort -n | uniq -c | sed 's/^ *//'; }

for i in {1..20}; do
    as "$i" pkcs11 --token-label people -O --type cert
done
wait "${pids[@]}"
same 'all 20 list everything' "$(found)" '20 123'
same 'each page was asked for once' "$(sim_counters | jq '[.targets[]] | max')" 1
same 'one user list, and two pages and one' "$(sim_counters | jq .requests)" "$(sim_counters | jq '.targets | length')"

once=$(requests)
people_add user-456 1 --first 3 >/dev/null
sim_admin reload
age people 90000
for i in {1..18..3}; do
    as "$i" pkcs11 --token-label people -O --type cert
    as $((i + 1)) storeutl -certs certbridge://people
    as $((i + 2)) ${CB_HOST:-} p11tool --batch --provider="$MODULE" --list-all-certs 'pkcs11:token=people'
done
as 19 storeutl -certs certbridge://people/user-123
as 20 storeutl -certs certbridge://people/user-456
wait "${pids[@]}"
same 'on a snapshot that is too old: all wait for the new one' "$(found)" $'1 4\n1 120\n18 124'
same 'of one refresh' "$(requests)" $((2 * once))
plan
