# A world whose servers fail, and what every test of that looks at: a clear error, the old snapshot kept and served,
# bounded memory, no secret told. Source it; bash.
#
#   bad_world            `factory` and `people` with three certificates each, synced; $whole stands for the snapshots
#   sync_both [OPTIONS]  sets $out, $status, and $peak in kB
#   judge NAME FACTORY-WORDS PEOPLE-WORDS    looks at what a sync that failed leaves
#   rows                 faults, a row each (below)
#   start_other          a second simulator
#   no_secrets           at the end: what was said, logged and stored
. "$top_srcdir/tests/system/world.sh"
MOST_KB=$((384 << 10))
! grep -q __asan_init "$top_builddir/certbridge" || MOST_KB=$((4 * MOST_KB)) # its shadow and its quarantine
SECRETS='test-token|test-api-key'

bad_world()
{
    world --mute-port 0
    people_add user-123 3 >/dev/null
    factory_add --count 3 --pki "$W/pki" >/dev/null
    sim_admin reload
    export CERTBRIDGE_LOG=debug:$W/log
    certbridge sync --quiet
    whole=$(snapshots)
}

sync_both()
{
    out=$(/usr/bin/time -q -f %M -o "$W/peak" "$top_builddir/certbridge" sync "$@" 2>&1)
    status=$?
    peak=$(tail -n 1 "$W/peak")
    printf '%s\n' "$out" >>"$W/said"
}

snapshots() { sha256sum "$W"/cache/*.cdb; }
served() { certbridge list --json | jq length; }
error_of() { certbridge status --json | jq -r ".[] | select(.source == \"$1\") | .error"; }
asked() { sim_counters | jq .requests; }

judge() # NAME FACTORY-WORDS PEOPLE-WORDS
{
    local source words=$2
    same "$1: exit status" "$status" 1
    for source in factory people; do
        has "$1: $source" "$out" "^certbridge: source $source: .*$words"
        has "$1: $source, status" "$(error_of $source)" "$words"
        words=$3
    done
    same "$1: the snapshots stay" "$(snapshots)" "$whole"
    check "$1: at most 384 MiB ($peak kB)" [ "$peak" -le $MOST_KB ]
}

# Rows: name | keys of both sources, '~' is a line break | words, for both or FACTORY!PEOPLE | faults, ';' between
rows()
{
    local name keys words faults fault f
    while IFS='|' read -r name keys words faults; do
        sim_admin reset
        FACTORY_KEYS=$'retries = 0\n'${keys//\~/$'\n'} PEOPLE_KEYS=$'retries = 0\n'${keys//\~/$'\n'} configure
        IFS=';' read -ra f <<<"$faults"
        for fault in "${f[@]}"; do
            set -- $fault
            sim_admin fault "${@//\~/ }"
        done
        sync_both --force
        judge "$name" "${words%!*}" "${words#*!}"
    done
    same 'and still served' "$(served)" 6
    same 'by PKCS#11' "$(pkcs11 --token-label people -O --type cert 2>/dev/null | grep -c 'Certificate Object')" 3
    same 'by OpenSSL' "$(storeutl -noout -certs certbridge://factory 2>&1 | grep -c '^[0-9]*: Certificate')" 3
}

# A second simulator: sets OTHER_URL, OTHER_LOG and OTHER_ADMIN, and leaves the first in SIM_*.
start_other()
{
    local url=$SIM_URL log=$SIM_LOG admin=$SIM_ADMIN_URL ca=$SIM_CA mute=$SIM_MUTE_PORT pid=$SIM_PID
    sim_start "$W" --log "$W/other.log" "$@"
    OTHER_URL=$SIM_URL OTHER_LOG=$W/other.log OTHER_ADMIN=$SIM_ADMIN_URL
    SIM_URL=$url SIM_LOG=$log SIM_ADMIN_URL=$admin SIM_CA=$ca SIM_MUTE_PORT=$mute SIM_PID=$pid
}

no_secrets()
{
    lacks 'no secret in the cache' "$(cat "$W"/cache/* | tr -d '\0')" "$SECRETS"
    lacks 'nor in what was said' "$(cat "$W/said")" "$SECRETS"
    has 'a log was written' "$(cat "$W/log")" 'people'
    lacks 'without a secret' "$(cat "$W/log")" "$SECRETS"
}
