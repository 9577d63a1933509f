#!/bin/bash
# Servers that fail, lie or never end: a clear error, the old snapshot kept and served, bounded memory, no secret told.
set -u
. "$top_srcdir/tests/system/world.sh"
world --mute-port 0
people_add user-123 3 >/dev/null
factory_add --count 3 --pki "$W/pki" >/dev/null
sim_admin reload
MOST_KB=$((384 << 10))
export CERTBRIDGE_LOG=debug:$W/log
sim_dir=$W

# A sync of both sources: $out, $status and $peak (kB).
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

# NAME FACTORY-WORDS PEOPLE-WORDS: what a sync that failed leaves.
judge()
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

# Rows: name | words for both | an expression of sed on the configuration
wrong_servers()
{
    local name words change
    sim_admin reset
    while IFS='|' read -r name words change; do
        FACTORY_KEYS='retries = 0' PEOPLE_KEYS='retries = 0' configure
        sed -i "$change" "$W/certbridge.conf"
        sync_both --force
        judge "$name" "$words" "$words"
    done
    configure
}

refusals()
{
    rows <<ROWS
401||GET https://localhost:[0-9]+/.*: HTTP 401 .*: invalid_api_key!HTTP 401 .*: errors.unauthorized: Authentication|kind=status status=401
403||HTTP 403 .*: access_denied: !HTTP 403 .*: errors.permissionDenied: Permission denied|kind=status status=403
404 of a list||HTTP 404 .*: resource_not_found: !HTTP 404 .*: errors.noRecord: |kind=status status=404
404 of a proxy||HTTP 404|kind=html status=404
the API's own words||HTTP 403 .*: teapot: I am one|kind=status status=403 code=teapot message=I~am~one
409||HTTP 409|kind=status status=409
500||HTTP 500|kind=status status=500
502 with a page of HTML||HTTP 502 .*Bad Gateway|kind=html
503||HTTP 503|kind=status
our secret said back||HTTP 400 .*: \*{12} is bad!HTTP 400 .*: \*{10} is bad|kind=status status=400 message=test-api-key~is~bad match=/iot/;kind=status status=400 message=test-token~is~bad match=/nevisidm/
redirect||HTTP 302|kind=redirect value=https://127.0.0.1:1/other
redirect of the method||HTTP 307|kind=redirect status=307 value=/elsewhere
204||HTTP 204|kind=body status=204 value=
201||HTTP 201|kind=body status=201 value=[]
ROWS
}

answers()
{
    rows <<ROWS
truncated||the answer is no JSON .*byte [0-9]+|kind=truncate
truncated to nothing||the answer is no JSON|kind=truncate number=0
HTML with 200||the answer is no JSON \(content type "text/html|kind=html status=200
oversized|max_response = 4KiB|larger than max_response \(4096 bytes\)|kind=pad number=4097
oversized, 16 MiB||larger than max_response \(16777216 bytes\)|kind=pad
one long string||larger than max_response|kind=large
a long string that fits||neither an array nor an object!no array "items"|kind=large number=16000000
oversized, chunked|max_response = 4KiB|larger than max_response \(4096 bytes\)|kind=pad;kind=chunked
deep||nest|kind=deep
a little too deep||nest|kind=deep number=33
16 MiB of empty objects||values|kind=commas number=16000000
not UTF-8||UTF-8|kind=non-utf8
a text instead of a list||array|kind=body value="x"
a number instead of a list||neither an array nor an object!no array "items"|kind=body value=17
null||neither an array nor an object!no array "items"|kind=body value=null
an object instead of a list||neither an array nor an object!no array "items"|kind=body value={"records":{},"items":{}}
a text for the total||member "total" is string!no array "items"|kind=body value={"records":[],"total":"many","items":7}
a token that is an object||neither!continuationToken|kind=body value={"items":[{}],"_pagination":{"continuationToken":{}}}
NaN||the answer is no JSON|kind=body value=[NaN]
two documents||the answer is no JSON|kind=body value={"records":[],"items":[]}{}
ROWS
}

connections()
{
    rows <<ROWS
cut||the connection to localhost:[0-9]+ broke off in the middle of the answer|kind=cut
cut at once||broke off|kind=cut number=0
closed||without an answer|kind=close
stalled|timeout = 300ms|answer of localhost:[0-9]+ timed out|kind=stall
dripping|timeout = 300ms|answer of localhost:[0-9]+ timed out|kind=drip
delayed|timeout = 300ms|answer of localhost:[0-9]+ timed out|kind=delay number=2000
ROWS
}


# What a server may do, or cannot help: the answer counts.
harmless()
{
    local name fault
    configure
    while IFS='|' read -r name fault; do
        sim_admin reset
        sim_admin fault $fault
        sync_both
        same "$name" "${out//, unchanged/}" $'factory: 3 certificates, 0 passcodes\npeople: 3 certificates, 0 passcodes'
    done <<ROWS
a byte order mark|kind=bom
a wrong content type|kind=content-type value=text/html
no content type|kind=content-type
chunks|kind=chunked
members that no page names|kind=extra
a member twice|kind=duplicate
an odd header|kind=header name=X-Odd value=odd
blanks behind|kind=pad number=4096
a server that fails once|kind=status status=500 count=1
a connection that is cut once|kind=cut count=1
ROWS
}

tls()
{
    local own=$SIM_URL other=$W/other.pem old_url fd line
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$W/other.key" -out "$other" \
        -subj /CN=elsewhere -addext subjectAltName=DNS:elsewhere.example 2>/dev/null
    exec {fd}< <(exec openssl s_server -accept 127.0.0.1:0 -tls1_1 -cipher DEFAULT@SECLEVEL=0 -cert "$W/pki/server.pem" \
        -key "$W/pki/server.key" -www 2>&1)
    S_SERVER=$!
    while read -r -u "$fd" line && [[ $line != ACCEPT* ]]; do :; done
    old_url=https://localhost:${line##*:}
    wrong_servers <<ROWS
a CA that we do not know|certificate verification of localhost:[0-9]+ failed: .*; set ca_file to the CA|s,^ca_file.*,ca_file = $W/pki/client-ca.pem,
a CA that the system does not know|certificate verification of localhost:[0-9]+ failed: .*; set ca_file to the CA|/^ca_file/d
a wrong pin|the server's key is not pinned_public_key|s,^retries.*,&\npinned_public_key = sha256//$(openssl dgst -sha256 -binary "$other" | base64),
TLS 1.1|TLS with localhost:[0-9]+ failed: .*protocol|s,^url.*,url = $old_url,
no TLS|TLS [a-z ]*with 127.0.0.1:[0-9]+ [bf]|s,^url.*,url = https://127.0.0.1:${SIM_ADMIN_URL##*:},
a mute server|TLS handshake with localhost:$SIM_MUTE_PORT timed out|s,^url.*,url = https://localhost:$SIM_MUTE_PORT\nconnect_timeout = 300ms,
no such name|name resolution of no-such-host.invalid:?[0-9]* failed|s,^url.*,url = https://no-such-host.invalid,
nobody listens|connect to localhost:1 failed: Connection refused|s,^url.*,url = https://localhost:1,
ROWS
    kill "$S_SERVER"
    exec {fd}<&-
    start_other --certificate "$other" --key "$W/other.key"
    wrong_servers <<ROWS
a wrong host name|certificate verification of localhost:[0-9]+ failed: the server's certificate is for another host|s,^url.*,url = $OTHER_URL,; s,^ca_file.*,ca_file = $other,
ROWS
}

# A second simulator: sets OTHER_URL, OTHER_LOG and OTHER_ADMIN, and leaves the first in SIM_*.
start_other()
{
    local url=$SIM_URL log=$SIM_LOG admin=$SIM_ADMIN_URL ca=$SIM_CA mute=$SIM_MUTE_PORT pid=$SIM_PID
    sim_start "$W" --log "$W/other.log" "$@"
    OTHER_URL=$SIM_URL OTHER_LOG=$W/other.log OTHER_ADMIN=$SIM_ADMIN_URL
    SIM_URL=$url SIM_LOG=$log SIM_ADMIN_URL=$admin SIM_CA=$ca SIM_MUTE_PORT=$mute SIM_PID=$pid
}

redirect()
{
    start_other
    rows <<ROWS
redirect to another host||HTTP 302 from localhost:[0-9]+ .*redirects are not followed: set url|kind=redirect value=$OTHER_URL/nevisidm/api/core/v1/clients/client-123/users
ROWS
    same 'the other host was not asked' "$(cat "$OTHER_LOG")" ''
    same 'nor connected to' "$(curl -sS "$OTHER_ADMIN/_sim/counters" | jq .connections)" 0
}

# A failure in the middle fails the whole: no certificate disappears.
nothing_partial()
{
    local d=00000000-0000-4000-8000-00000000000
    FACTORY_KEYS='retries = 0' PEOPLE_KEYS='retries = 0' configure
    sed -i "s,^users = .*,users = user-123\ncertificates = cert-0\, cert-1\, cert-2,
        s,^authentication_certificates = .*,authentication_certificates = ${d}0\, ${d}1\, ${d}2," "$W/certbridge.conf"
    sim_admin reset
    sync_both
    same 'by ids' "$(served)" 6
    whole=$(snapshots)
    sim_admin fault kind=status status=500 match=cert-1
    sim_admin fault kind=status status=500 match=${d}1
    sync_both --force
    judge 'one of three fails' 'GET .*1: HTTP 500' 'GET .*1: HTTP 500'
    same 'all three are served' "$(served)" 6
    sim_admin reset
    configure
    sync_both --force
    whole=$(snapshots)
}

# More than may be in flight at once, all of it wanted.
large_bodies()
{
    local user
    for user in {a..h}; do
        people_add "large-$user" 1 >/dev/null
    done
    sim_admin reset
    sim_admin reload
    sim_admin fault kind=pad number=15000000 match=/certificates?
    people_is 'client = client-123' 'users = *'
    sync_both
    same 'eight bodies of 15 MB' "$out" 'people: 11 certificates, 0 passcodes'
    check "at most 384 MiB ($peak kB)" [ "$peak" -le $MOST_KB ]
    rm -r "$W"/data/nevisidm/client-123/users/large-*
    sim_admin reset
    sim_admin reload
    configure
    sync_both --force
    whole=$(snapshots)
}

asked() { sim_counters | jq .requests; }

# A server that asks to be left alone.
retry_after()
{
    local name fault before
    FACTORY_KEYS='retries = 0' PEOPLE_KEYS='retries = 0' configure
    while IFS='|' read -r name fault; do
        sim_admin reset
        sim_admin fault kind=status $fault
        sync_both --force
        judge "$name" 'HTTP (429|503)' 'HTTP (429|503)'
        same "$name: asked once each" "$(asked)" 2
        sync_both
        same "$name: the next sync" "$(grep -cE 'asked to be left alone until 20.*--force.*HTTP (429|503)' <<<"$out")" 2
        same "$name: does not ask" "$(asked)" 2
        check "$name: next try" jq -e 'map((.next_try | fromdate) - (.last_try | fromdate)) | min >= 118 and max <= 4000' \
            <<<"$(certbridge status --json)"
        sim_admin clear
        sync_both --force
        same "$name: --force asks" "$status" 0
        whole=$(snapshots)
    done <<ROWS
429, seconds|status=429 retry_after=120
503, seconds|status=503 retry_after=120
503, a date|status=503 retry_after=date:600
429, a month|status=429 retry_after=2592000
ROWS
    FACTORY_KEYS='retries = 3' PEOPLE_KEYS='retries = 3' configure
    sim_admin reset
    sim_admin fault kind=status status=429 retry_after=120
    sync_both --force
    judge 'a wait too long to sleep through' 'HTTP 429' 'HTTP 429'
    same 'ends the try' "$(asked)" 2
    sim_admin reset
    sim_admin fault kind=status status=429 retry_after=2 count=1 match=nevisidm
    sim_admin fault kind=status status=503 retry_after=date:2 count=1 match=iot
    sync_both --force
    same 'short waits are slept through' "$status" 0
    same 'two more requests' "$(asked)" 5
    whole=$(snapshots)
}

# While a sync runs, and after all of them.
secrets()
{
    local pid words
    configure
    sim_admin reset
    sim_admin fault kind=stall
    "$top_builddir/certbridge" sync --force people >/dev/null 2>&1 &
    pid=$!
    until_true in_flight
    words=$(tr '\0' ' ' <"/proc/$pid/cmdline")
    kill "$pid"
    wait "$pid" 2>/dev/null
    sim_admin reset
    same 'the arguments of a running sync' "$words" "$top_builddir/certbridge sync --force people "
    lacks 'no secret in the cache' "$(cat "$W"/cache/* "$W"/cache/.[!.]* 2>/dev/null | tr -d '\0')" "$SECRETS"
    lacks 'nor in what was said' "$(cat "$W/said")" "$SECRETS"
    has 'a log was written' "$(cat "$W/log")" 'people'
    lacks 'without a secret' "$(cat "$W/log")" "$SECRETS"
}
in_flight() { [ "$(sim_counters | jq .in_flight)" -gt 0 ]; }
SECRETS='test-token|test-api-key'

certbridge sync --quiet
whole=$(snapshots)
refusals
answers
connections
nothing_partial
large_bodies
redirect
tls
retry_after
harmless
secrets
plan
