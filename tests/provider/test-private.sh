#!/bin/bash
# A host with a private libcrypto gets a second one through us. Nothing of that one runs before it is
# needed: it would read openssl.cnf and load us again.
set -u
. "${top_srcdir:=.}/tests/provider/world-env.sh"

check 'a host with its own libcrypto can be built' ${CC:-cc} -o "$dir/host" \
    "$top_srcdir/tests/provider/private-host.c" -l:libcrypto.a -ldl -lpthread
lacks 'it needs no shared libcrypto' "$(readelf -d "$dir/host")" 'NEEDED.*libcrypto'
read_once() { same "$1" "$(grep -c "openat(.*\"$2\"" "$dir/trace")" 1; }

out=$(strace -f -o "$dir/trace" "$dir/host" certbridge://people 2>"$dir/errors")
same 'it lists a store' "$out" 8
same 'without an error' "$(cat "$dir/errors")" ''
read_once 'openssl.cnf is read once' "$dir/openssl.cnf"
read_once 'the configuration is read once' "$dir/certbridge.conf"

sha512=$(openssl x509 -in server.pem -noout -fingerprint -sha512 | sed 's/.*=//')
same 'it finds a fingerprint by a digest of its own' "$("$dir/host" certbridge://people "$sha512" 2>&1)" 1
plan
