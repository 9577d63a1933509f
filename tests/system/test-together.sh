#!/bin/bash
# Many programs at once on an empty cache cause one refresh, and all see everything.
set -u
. "$top_srcdir/tests/system/world.sh"
world --set delay_ms=100
people_add user-123 120 >/dev/null
people_add user-456 3 >/dev/null
sim_admin reload

for i in {1..20}; do
    pkcs11 --token-label people -O --type cert >"$W/out.$i" 2>&1 &
    pids[i]=$!
done
wait "${pids[@]}"
complete=0
for i in {1..20}; do
    [ "$(grep -c 'Certificate Object' "$W/out.$i")" -eq 123 ] && complete=$((complete + 1))
done
same 'all 20 list everything' "$complete" 20
same 'each page was asked for once' "$(sim_counters | jq '[.targets[]] | max')" 1
same 'one user list, and two pages and one' "$(sim_counters | jq .requests)" "$(sim_counters | jq '.targets | length')"
plan
