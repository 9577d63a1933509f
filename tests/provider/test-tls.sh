#!/bin/bash
# TLS handshakes whose certificates and trust anchors come from a store: openssl s_server and s_client.
set -u
. "${top_srcdir:=.}/tests/provider/world-env.sh"
port=0

serve() # OPTIONS...: starts s_server on a free port and waits until it accepts
{
    : >"$dir/server.log"
    openssl s_server -accept 127.0.0.1:0 -www -no-CAfile -no-CApath "$@" >"$dir/server.log" 2>&1 </dev/null &
    server=$!
    for _ in $(seq 100); do
        port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$dir/server.log" | head -n 1)
        [ -n "$port" ] && return
        kill -0 $server 2>/dev/null || break
        sleep 0.1
    done
    diag <"$dir/server.log"
}

stop() { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }

client() { openssl s_client -connect "127.0.0.1:$port" -no-CAfile -no-CApath -verify_return_error -verify 5 "$@" 2>&1 </dev/null; }

served=certbridge://people/user-1/c1
issuers='certbridge://people/user-1?part=issuers'

serve -cert $served -key server.key -cert_chain "$issuers"
out=$(client -CAstore certbridge://anchors)
has 'a server from a store, verified against a store' "$out" '^Verify return code: 0 \(ok\)'
same 'it sends its leaf once and the chain' "$(grep -cE '^ *[0-9] s:' <<<"$out")" 3
has 'leaf first' "$out" '^ *0 s:.*CN = server'
has 'an unavailable anchor store fails the verification only' "$(client -CAstore certbridge://dead)" 'Verify return code: (19|20|2) '
stop

serve -cert $served -key server.key -CAstore certbridge://anchors -Verify 5 -verify_return_error -cert_chain "$issuers"
out=$(client -CAstore certbridge://anchors -cert certbridge://people/user-10/c1 -key client.key)
has 'a client from a store' "$out" '^Verify return code: 0 \(ok\)'
lacks 'the server took it' "$out" 'alert'
has 'the server names the client' "$(cat "$dir/server.log")" 'CN = client'
stop

# Misses and an unavailable store must leave nothing on the error queue of a server: its next read
# that would block became a fatal error.
serve -cert $served -key server.key -CAstore certbridge://dead -verify 5 -cert_chain "$issuers"
out=$(client -CAstore certbridge://anchors -cert certbridge://people/user-10/c1 -key client.key)
has 'a server whose anchors are unavailable goes on with the handshake' "$out" '^Verify return code: 0 \(ok\)'
stop
plan
