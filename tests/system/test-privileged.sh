#!/bin/bash
# A privileged process (its real user is not its effective one) obeys no variable and starts nothing. As root.
set -u
[ "$(id -u)" -eq 0 ] || exec sudo env top_srcdir="$top_srcdir" top_builddir="$top_builddir" bash "$0"
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 2 >/dev/null
factory_add --from "$W/pki/root.pem" >/dev/null
sim_admin reload
PEOPLE_KEYS='wait = 5m' configure
certbridge sync --quiet

searcher=$top_builddir/tests/system/searcher
count() { echo | "$@" 2>&1; }
privileged() { count setpriv --ruid nobody "$searcher" "$MODULE" people "$@"; }
words="config=$W/certbridge.conf"

same 'an ordinary process obeys CERTBRIDGE_CONF' "$(count "$searcher" "$MODULE" people)" 2
same 'a privileged one does not' "$(privileged)" 'searcher: no such token'
same 'nor CERTBRIDGE_LOG' "$(CERTBRIDGE_LOG=debug privileged)" 'searcher: no such token'
same 'but the configuration that its program gives' "$(privileged "$words")" 2

before=$(requests)
age people 1000
same 'a stale snapshot is served' "$(privileged "$words")" 2
check 'no helper runs' idle people
age people 90000
traced() { count strace -f -qq -e trace=clone,clone3,fork,vfork,execve -o "$W/trace" setpriv --ruid nobody "$searcher" "$MODULE" people "$words"; }
same 'after max_stale it is an error' "$(traced)" error
lacks 'and no process was started' "$(sed 's/^[0-9]* *//' "$W/trace")" '^(clone|fork|vfork)'
same 'none at all' "$(grep -c execve "$W/trace")" 2
same 'and nothing was asked' "$(requests)" "$before"
same 'an ordinary process fetches it' "$(count "$searcher" "$MODULE" people)" 2
same 'and a privileged one is served' "$(privileged "$words")" 2
plan
