#!/bin/bash
# Connections that are not made, not trusted, cut or never answered. See bad-world.sh.
set -u
. "$top_srcdir/tests/system/bad-world.sh"
bad_world

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

tls()
{
    local other=$W/other.pem old_url fd line
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$W/other.key" -out "$other" \
        -subj /CN=elsewhere -addext subjectAltName=DNS:elsewhere.example 2>/dev/null
    exec {fd}< <(exec openssl s_server -accept 127.0.0.1:0 -tls1_1 -cipher DEFAULT@SECLEVEL=0 -cert "$W/pki/server.pem" \
        -key "$W/pki/server.key" -www 2>&1)
    SIM_PIDS+=($!)
    while read -r -u "$fd" line && [[ $line != ACCEPT* ]]; do :; done
    old_url=https://localhost:${line##*:}
    wrong_servers <<ROWS
a CA that we do not know|certificate verification of localhost:[0-9]+ failed: .*; set ca_file to the CA|s,^ca_file.*,ca_file = $W/pki/client-ca.pem,
a CA that the system does not know|certificate verification of localhost:[0-9]+ failed: .*; set ca_file to the CA|/^ca_file/d
a wrong pin|the server's key is not pinned_public_key|s,^retries.*,&\npinned_public_key = sha256//$(openssl dgst -sha256 -binary "$other" | base64),
TLS 1.1|TLS with localhost:[0-9]+ failed: .*protocol|s,^url.*,url = $old_url,
no TLS|TLS [a-z ]*with 127.0.0.1:[0-9]+ [bf]|s,^url.*,url = https://127.0.0.1:${SIM_ADMIN_URL##*:},
a mute server|TLS handshake with localhost:$SIM_MUTE_PORT timed out|s,^url.*,url = https://localhost:$SIM_MUTE_PORT\nconnect_timeout = 300ms,
no such name|name resolution of no-such-host.invalid:?[0-9]* [ft]|s,^url.*,url = https://no-such-host.invalid,
nobody listens|connect to localhost:1 failed: Connection refused|s,^url.*,url = https://localhost:1,
ROWS
    exec {fd}<&-
    start_other --certificate "$other" --key "$W/other.key"
    wrong_servers <<ROWS
a wrong host name|certificate verification of localhost:[0-9]+ failed: the server's certificate is for another host|s,^url.*,url = $OTHER_URL,; s,^ca_file.*,ca_file = $other,
ROWS
}

# A secret is no argument: others may read those while a sync runs.
arguments()
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
}
in_flight() { [ "$(sim_counters | jq .in_flight)" -gt 0 ]; }

connections
tls
arguments
no_secrets
plan
