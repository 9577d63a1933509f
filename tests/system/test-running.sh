#!/bin/bash
# Programs that run on: they see a new snapshot within a second, start refreshes, and survive an outage.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 2 >/dev/null
sim_admin reload
PEOPLE_KEYS=$'wait = 5m\nretries = 0\ntimeout = 5m\nconnect_timeout = 5m' && configure

searcher=$top_builddir/tests/system/searcher
mkfifo "$W/to-token" "$W/from-token" "$W/to-store" "$W/from-store"
"$searcher" "$MODULE" people <"$W/to-token" >"$W/from-token" & token_host=$!
OPENSSL_CONF=$W/openssl.cnf "$searcher" certbridge://people <"$W/to-store" >"$W/from-store" & store_host=$!
exec 4>"$W/to-token" 5<"$W/from-token" 6>"$W/to-store" 7<"$W/from-store"
# What both of them count now.
both()
{
    local token store
    echo >&4 && read -r token <&5
    echo >&6 && read -r store <&7
    echo "$token $store"
}
# A process looks at the file once a second.
next_look() { sleep 1.05; }

same 'the first search fetches' "$(both)" '2 2'
before=$(requests)
same 'further ones do not' "$(both) $(both) $(requests)" "2 2 2 2 $before"

people_add user-123 1 --first 2 >/dev/null && sim_admin reload
certbridge sync --quiet people
next_look
same 'a new snapshot is seen within a second' "$(both)" '3 3'

people_add user-123 1 --first 3 >/dev/null && sim_admin reload
before=$(requests)
age people 1000
kill -STOP "$SIM_PID"
next_look
same 'one that has become stale is served' "$(both)" '3 3'
check 'while one of them has a helper refresh it' busy people
same 'and served on' "$(both)" '3 3'
kill -CONT "$SIM_PID"
until_true idle people
next_look
same 'afterwards the new data' "$(both)" '4 4'
same 'of one refresh' "$(requests)" $((before + 2))

sim_admin fault kind=status status=500 match=nevisidm
age people 1000
next_look
same 'the registry fails: served' "$(both)" '4 4'
until_true idle people
age people 90000
next_look
same 'until max_stale' "$(both)" 'error error'
sim_admin clear
certbridge sync --quiet people
next_look
same 'and again after a sync' "$(both)" '4 4'

mv "$W/cache/people.cdb" "$W/kept"
head -c 5000 "$W/kept" >"$W/cut" && mv "$W/cut" "$W/cache/people.cdb"
next_look
same 'a damaged snapshot is fetched anew' "$(both)" '4 4'
exec 4>&- 6>&-
wait $token_host
same 'the one ends well' $? 0
wait $store_host
same 'the other too' $? 0
plan
