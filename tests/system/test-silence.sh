#!/bin/bash
# With a fresh snapshot a host opens no socket, starts no process, and writes nothing.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 3 --chain >/dev/null
sim_admin reload
certbridge sync --quiet people

calls() { strace -f -qq -e trace=socket,connect,fork,vfork,clone,clone3,execve,bind,sendto -o "$W/trace" "$@" >"$W/out" 2>&1; sed 's/^[0-9]* *//' "$W/trace" | grep -v '^execve' ; grep -c execve "$W/trace"; }

same 'pkcs11-tool -O: no socket, fork or exec' "$(calls pkcs11-tool --module "$MODULE" --token-label people -O)" 1
has 'and it listed' "$(cat "$W/out")" 'Certificate Object'
export OPENSSL_CONF=$W/openssl.cnf
same 'openssl storeutl: no socket, fork or exec' "$(calls openssl storeutl -certs certbridge://people)" 1
has 'and it listed' "$(cat "$W/out")" 'Total found: 4'
before=$(sim_counters | jq .requests)
pkcs11 --token-label people -O >/dev/null 2>&1
same 'and nothing was asked of the registry' "$(sim_counters | jq .requests)" "$before"
same 'nothing is written to stderr' "$(pkcs11 --token-label people -O 2>&1 >/dev/null)" ''
plan
