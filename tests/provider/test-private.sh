#!/bin/bash
# A host with a private libcrypto gets a second one through us. Nothing of that one runs before it is
# needed: it would read openssl.cnf and load us again.
set -u
. "${top_srcdir:=.}/tests/provider/world-env.sh"

# The sanitizers' run-time is in the module then and must be in the host too.
sanitize=$(sed -n 's/^cb_sanitizer = \(.\)/-fsanitize=\1/p' "$top_builddir/Makefile" 2>/dev/null)
check 'a host with its own libcrypto can be built' ${CC:-cc} $sanitize -o "$dir/host" \
    "$top_srcdir/tests/provider/private-host.c" -l:libcrypto.a -ldl -lpthread
lacks 'it needs no shared libcrypto' "$(readelf -d "$dir/host")" 'NEEDED.*libcrypto'
sha512=$(openssl x509 -in server.pem -noout -fingerprint -sha512 | sed 's/.*=//')
out=$(strace -f -o "$dir/trace" "$dir/host" certbridge://people "$sha512" 2>"$dir/errors")
same 'it lists a store and finds a fingerprint by its digest' "$(sed 1d <<<"$out" | tr '\n' ' ')" '8 1 '
same 'without an error' "$(cat "$dir/errors")" ''
same 'openssl.cnf is read once' "$(grep -c "openat(.*\"$dir/openssl.cnf\"" "$dir/trace")" 1
same 'the configuration is read once' "$(grep -c "openat(.*\"$dir/certbridge.conf\"" "$dir/trace")" 1
plan
