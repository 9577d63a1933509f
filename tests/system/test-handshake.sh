#!/bin/bash
# TLS with credentials and trust anchors from registries: OpenSSL's, GnuTLS's and Python's own programs.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 1 --id laptop --chain >/dev/null
ca_id() { printf '00000000-0000-4000-8000-%012x' "$1"; } # N: as make-data numbers them
n=0
ca=$W/data/digicert/$PROFILE/authentication-certificate
for pem in root server-ca; do factory_add --first $((n++)) --from "$W/pki/$pem.pem" >/dev/null; done
sim_admin reload
PEOPLE_KEYS='start_refresh = no' FACTORY_KEYS='start_refresh = no' && configure
certbridge sync --quiet
export OPENSSL_CONF=$W/openssl.cnf
export GNUTLS_SYSTEM_TRUST_FILE=/dev/null

laptop=certbridge://people/user-123/laptop
key=$W/keys/laptop.key
client=(-cert "$laptop" -key "$key" -cert_chain "$laptop?part=issuers")
nowhere='-no-CAfile -no-CApath -no-CAstore'

# alter N FILTER: jq changes an anchor at the registry, and it is synced.
alter() { jq -c "$2" "$ca/$(ca_id "$1").json" >"$W/altered" && mv "$W/altered" "$ca/$(ca_id "$1").json" && sim_admin reload && certbridge sync --quiet factory; }

serve() # OPTIONS...: an s_server on a free port that answers GET
{
    : >"$W/server.log"
    openssl s_server -accept 127.0.0.1:0 -www -cert "$W/pki/server.pem" -key "$W/pki/server.key" "$@" \
        </dev/null >"$W/server.log" 2>&1 &
    server=$!
    until_true grep -q '^ACCEPT' "$W/server.log" || diag <"$W/server.log"
    port=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' "$W/server.log")
}
stop() { kill "$server" && wait "$server" 2>/dev/null; }
server=
trap 'kill "$server" 2>/dev/null; sim_stop_all; rm -rf "$W"' EXIT

# OPTIONS...: what s_client says, and the page.
get() { printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -ign_eof -connect "127.0.0.1:$port" "$@" 2>&1; }
trusting() { get -CAfile "$W/pki/server-ca.pem" -verify_return_error "$@"; }
accepted='HTTP/1.0 200'

strict='-Verify 3 -verify_return_error'
# shellcheck disable=SC2086
{
serve $strict $nowhere -CAstore certbridge://factory
has 'a client from nevisIDM, checked against the CAs in DigiCert' "$(trusting "${client[@]}")" "$accepted"
has 'the server found its way to the anchor' "$(cat "$W/server.log")" 'depth=2 .*Test Root CA'
lacks 'a client of another CA is refused' "$(trusting -cert "$W/pki/client.pem" -key "$W/pki/client.key")" "$accepted"
has 'for that reason' "$(cat "$W/server.log")" 'unable to get (local )?issuer certificate'
lacks 'one without a certificate too' "$(trusting)" "$accepted"
has 'and the server goes on' "$(trusting "${client[@]}")" "$accepted"
stop

serve $nowhere -cert_chain "$W/pki/server-ca.pem"
out=$(get $nowhere -verify_return_error -CAstore certbridge://factory)
has 'a client whose anchors are in DigiCert takes the server' "$out" "$accepted"
lacks 'and refuses it with another store' "$(get $nowhere -verify_return_error -CAstore certbridge://people)" "$accepted"
stop

serve -cert $laptop -key "$key" -cert_chain "$laptop?part=issuers" $nowhere
out=$(get $nowhere -verify_return_error -CAstore certbridge://factory)
has 'a server whose certificate is in nevisIDM' "$out" "$accepted"
same 'sends its leaf once, and the issuers' "$(grep -cE '^ *[0-9] s:' <<<"$out")" 2
stop

serve -cert "$laptop?part=leaf" -key "$key" -chainCAstore certbridge://factory $nowhere
has '-chainCAstore takes the anchors that build the chain' "$(get -partial_chain -CAfile "$W/pki/intermediate.pem")" 'Verify return code: 0'
stop

serve $strict -CAfile "$W/pki/client-ca.pem" -verifyCAstore certbridge://factory
has '-verifyCAstore' "$(trusting "${client[@]}")" "$accepted"
lacks 'and nothing but that' "$(trusting -cert "$W/pki/client.pem" -key "$W/pki/client.key")" "$accepted"
stop

# Anchors are judged when they are looked up: state, window, and what the URI says.
alter 0 '.status = "DISABLED"'
serve $strict $nowhere -CAstore certbridge://factory
lacks 'a disabled CA is no anchor' "$(trusting "${client[@]}")" "$accepted"
alter 0 '.status = "ACTIVE"'
sleep 1.1 # a running process looks once a second
has 'one that becomes active is, within a second and without a restart' "$(trusting "${client[@]}")" "$accepted"
stop
verified() { openssl verify $nowhere -CAstore "$1" -untrusted "$W/pki/intermediate.pem" "$W/keys/laptop.pem" 2>&1; }
FACTORY_KEYS=$'start_refresh = no\nstates = any' configure
for case in 'disabled|.status = "DISABLED"' 'not yet in its window|.status = "ACTIVE" | .start_date = "2090-01-01" | .end_date = "2091-01-01"' \
    'past its window|.start_date = "2020-01-01" | .end_date = "2021-01-01"'; do
    alter 0 "${case#*|}"
    has "a CA that is ${case%%|*}: no anchor, though states = any" "$(verified certbridge://factory)" 'unable to get (local )?issuer'
    has '?state=any makes it one' "$(verified 'certbridge://factory?state=any')" ': OK$'
done
alter 0 '.start_date = "2020-01-01" | .end_date = "2090-01-01" | .status = "DISABLED"'
has '?state= of the registry too' "$(verified 'certbridge://factory?state=DISABLED')" ': OK$'
has 'and not another' "$(verified 'certbridge://factory?state=ACTIVE')" 'unable to get (local )?issuer'
alter 0 '.status = "ACTIVE"'
FACTORY_KEYS='start_refresh = no' configure
has 'the CA is back' "$(verified certbridge://factory)" ': OK$'
has 'a path names one CA' "$(verified "certbridge://factory/$PROFILE/$(ca_id 0)")" ': OK$'
has 'and another does not help' "$(verified "certbridge://factory/$PROFILE/$(ca_id 1)")" 'unable to get (local )?issuer'

# A store that cannot answer, or knows nothing, leaves the rest of the handshake alone. What it left on the
# error queue of a server that does not block would end the connection at the next read that has to wait.
late() # OPTIONS...: the request comes when the handshake is over
{
    { until_true grep -q '^depth=0' "$W/server.log"; sleep 0.2; printf 'GET / HTTP/1.0\r\n\r\n'; } |
        openssl s_client -ign_eof -connect "127.0.0.1:$port" "$@" 2>&1
}
mv "$W/cache/factory.cdb" "$W/kept"
for store in 'dead|factory' 'without the anchor|people'; do
    serve -nbio $strict -CAfile "$W/pki/root.pem" -CAstore "certbridge://${store#*|}"
    has "a store that is ${store%%|*} beside a file of anchors: the handshake succeeds" "$(late "${client[@]}")" "$accepted"
    lacks 'without a word' "$(cat "$W/server.log")" 'rror|certbridge'
    stop
done
mv "$W/kept" "$W/cache/factory.cdb"

# GnuTLS takes the certificate from the token, and sends it alone.
factory_add --first 2 --from "$W/pki/intermediate.pem" >/dev/null && sim_admin reload && certbridge sync --quiet factory
serve $strict $nowhere -CAstore certbridge://factory
url=$(p11tool --batch --provider="$MODULE" --only-urls --list-all-certs 'pkcs11:token=people' 2>/dev/null | grep -F "id=%$(openssl x509 -in "$W/keys/laptop.pem" -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' ' | sed 's/:/%/g')")
out=$(printf 'GET / HTTP/1.0\r\n\r\n' | gnutls-cli --provider="$MODULE" --x509cafile "$W/pki/server-ca.pem" \
    --x509certfile "$url" --x509keyfile "$key" --verify-hostname localhost --port "$port" 127.0.0.1 2>&1)
has 'gnutls-cli with a certificate of the token' "$out" 'The certificate is trusted'
has 'is let in' "$out" "$accepted"
stop
gnutls_serve() # PORT: false when somebody has it
{
    gnutls-serv --http --port "$1" --provider="$MODULE" --x509certfile "$url" --x509keyfile "$key" >"$W/server.log" 2>&1 &
    server=$!
    until_true eval "grep -q done '$W/server.log' || ! kill -0 $server"
    kill -0 $server 2>/dev/null
}
until gnutls_serve $((port = 20000 + RANDOM % 10000)); do :; done
has 'gnutls-serv with a certificate of the token' "$(get $nowhere -verify_return_error -CAstore certbridge://factory)" "$accepted"
stop

# Python knows nothing of stores, but its libssl takes SSL_CERT_DIR for one.
serve
page='import socket, ssl, sys
context = ssl.create_default_context()
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost") as s:
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    print(s.recv(100).decode())'
python() { SSL_CERT_FILE=/dev/null SSL_CERT_DIR=$1 /usr/bin/python3 -c "$page" "$port" 2>&1; }
has "python's ssl with anchors from DigiCert" "$(python certbridge://factory)" "$accepted"
has 'and with none' "$(python certbridge://people)" 'CERTIFICATE_VERIFY_FAILED'
stop
}
plan
