#!/bin/bash
# All certificates of Debian's ca-certificates, served as authentication certificates, come out of both faces byte for byte.
set -u
. "$top_srcdir/tests/system/world.sh"
world
bundle=/etc/ssl/certs/ca-certificates.crt
FACTORY_KEYS=$'states = any'
configure
n=$(grep -c BEGIN "$bundle")
factory_add --from "$bundle" >/dev/null
sim_admin reload
same 'all are synced' "$(certbridge sync factory)" "factory: $n certificates, 0 passcodes"

# One sorted line for each certificate of a PEM text: its digest.
digests() { csplit -sz -f "$W/part-" -b %04d - '/BEGIN CERT/' '{*}' && for f in "$W"/part-*; do openssl x509 -in "$f" -outform der 2>/dev/null | sha256sum; done | sort; rm -f "$W"/part-*; }
wanted=$(digests <"$bundle")
same 'openssl storeutl gives each, byte for byte' "$(storeutl -certs certbridge://factory | sed -n '/^-----BEGIN/,/^-----END/p' | digests)" "$wanted"
same 'certbridge export too' "$(certbridge export certbridge://factory | digests)" "$wanted"

found=0 read_back=
while read -r id; do
    pkcs11 --token-label factory --read-object --type cert --id "$id" -o "$W/read.der" >/dev/null 2>&1 &&
        read_back+=$(sha256sum <"$W/read.der")$'\n'
done < <(pkcs11 --token-label factory -O --type cert | sed -n 's/^ *ID: *//p')
# Two certificates may share a key, and so an ID: the first is given then.
same 'pkcs11-tool reads by ID, byte for byte' "$(printf %s "$read_back" | sort -u | comm -13 <(echo "$wanted") -)" ''
same 'pkcs11-tool lists them all' "$(pkcs11 --token-label factory -O --type cert | grep -c 'Certificate Object')" "$n"

# Every search of the store, for every certificate.
csplit -sz -f "$W/ca-" -b %04d "$bundle" '/BEGIN CERT/' '{*}'
by_fingerprint=0 by_sha1=0
for f in "$W"/ca-*; do
    digest=$(openssl x509 -in "$f" -outform der | sha256sum)
    der_of() { sed -n '/^-----BEGIN/,/^-----END/p' | openssl x509 -outform der 2>/dev/null | sha256sum; }
    fp=$(openssl x509 -in "$f" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g')
    [ "$(storeutl -certs -sha256 -fingerprint "$fp" certbridge://factory | der_of)" = "$digest" ] && by_fingerprint=$((by_fingerprint + 1))
    fp=$(openssl x509 -in "$f" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
    [ "$(storeutl -certs -sha1 -fingerprint "$fp" certbridge://factory | der_of)" = "$digest" ] && by_sha1=$((by_sha1 + 1))
    found=$((found + 1))
done
same 'each found by its SHA-256 fingerprint' "$by_fingerprint" "$found"
same 'each found by its SHA-1 fingerprint' "$by_sha1" "$found"

# As anchors: what verifies itself with the bundle does so with the store.
anchored=0
for f in "$W"/ca-*; do
    OPENSSL_CONF=$W/openssl.cnf openssl verify -no_check_time -CAstore certbridge://factory "$f" >/dev/null 2>&1 && anchored=$((anchored + 1))
done
self=0
for f in "$W"/ca-*; do
    openssl verify -no_check_time -CAfile "$bundle" "$f" >/dev/null 2>&1 && self=$((self + 1))
done
same 'each is found by subject when a chain is built' "$anchored" "$self"
plan
