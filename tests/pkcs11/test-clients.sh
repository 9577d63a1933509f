#!/bin/bash
# pkcs11-tool and p11tool, and what the module does to the process that loads it.
set -u
. "${top_srcdir:=.}/tests/tap.sh"
module=$top_builddir/.libs/certbridge-pkcs11.so
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
"$top_builddir/tests/pkcs11/make-world" "$dir" || exit 99
export CERTBRIDGE_CONF=$dir/certbridge.conf LC_ALL=C.UTF-8

tool() { pkcs11-tool --module "$module" "$@" 2>&1; }
on() { local token=$1; shift; tool --token-label "$token" "$@"; }
gnutls() { p11tool --batch --provider="$module" "$@" 2>&1; }

has 'pkcs11-tool -I' "$(tool -I)" '^Cryptoki version 2\.40'
slots=$(tool -L)
same 'pkcs11-tool -L: a slot for each source' "$(grep -c '^Slot ' <<<"$slots")" 4
has 'pkcs11-tool -L: the token' "$slots" 'token label *: people$'
has 'pkcs11-tool -L: flags' "$slots" 'token flags *: token initialized, readonly$'
same 'pkcs11-tool -T: the same tokens' "$(tool -T | grep -c '^Slot ')" 4
has 'pkcs11-tool -M: none' "$(on people -M)" 'Supported mechanisms:$'

listed=$(on people -O)
same 'pkcs11-tool -O: certificates' "$(grep -c '^Certificate Object' <<<"$listed")" 8
same 'pkcs11-tool -O: passcodes' "$(grep -c '^Data object' <<<"$listed")" 2
has 'pkcs11-tool -O: a subject' "$listed" "subject: *DN: O=Example, CN=Bob"
has 'pkcs11-tool -O: a passcode' "$listed" "application: *'certbridge passcode'"
for as in '--login --pin 1234' '--login --pin 0' '--login --login-type user --pin x'; do
    # shellcheck disable=SC2086
    same "pkcs11-tool -O $as" "$(on people $as -O)" "$listed"
done
refuses 'pkcs11-tool: no security officer' 1 on people --login --login-type so --so-pin 12345678 -O
same 'pkcs11-tool -O of an empty source' "$(on empty -O)" ''
refuses 'pkcs11-tool -O of a dead source' 1 on dead -O
has 'pkcs11-tool --test' "$(on people --test)" '^No errors$'

label='a:b/c;d é'
read_object() { on people --read-object --type cert -o "$@"; }
check 'pkcs11-tool reads by label' read_object "$dir/by-label" --label "$label"
has 'it is the certificate' "$(openssl x509 -inform DER -in "$dir/by-label" -noout -subject)" 'CN = Bob'
id=$(on people -O --type cert | awk -v RS= '/CN=Bob/' | grep -A9 'CN=Bob' | awk '/^ *ID:/ { print $2; exit }')
check 'pkcs11-tool reads by ID' read_object "$dir/by-id" --id "$id"
check 'it is the same' cmp "$dir/by-label" "$dir/by-id"
refuses 'pkcs11-tool: no such label' 1 read_object "$dir/none" --label 'a:b'
check 'pkcs11-tool reads a passcode' on people --read-object --type data --label door -o "$dir/door"
same 'it is its details' "$(cat "$dir/door")" '{"extId":"u4/passcode/p1","stateName":"active"}'
refuses 'pkcs11-tool cannot write' 1 on people --write-object "$dir/by-id" --type cert --label x
refuses 'pkcs11-tool cannot delete' 1 on people --delete-object --type cert --label "$label"

tokens=$(gnutls --list-tokens)
same 'p11tool --list-tokens' "$(grep -c 'token=\(people\|roots\|empty\|dead\)' <<<"$tokens")" 4
all=$(gnutls --list-all-certs 'pkcs11:token=people')
same 'p11tool --list-all-certs' "$(grep -c '^Object ' <<<"$all")" 8
same 'p11tool --list-all-trusted' "$(gnutls --list-all-trusted 'pkcs11:token=roots' | grep -c '^Object ')" 1
has 'p11tool of all tokens keeps the others when one is dead' \
    "$(gnutls --list-all-certs pkcs11:)" 'token=people'
url=$(gnutls --only-urls --list-all-certs 'pkcs11:token=people' | grep -F 'a%3Ab')
has 'p11tool --info finds its own URL' "$(gnutls --info "$url")" "^[[:space:]]*Label: $label\$"
check 'p11tool --export' gnutls --export "$url" --outfile "$dir/exported.pem"
check 'it is the same certificate' cmp "$dir/by-label" <(openssl x509 -in "$dir/exported.pem" -outform DER)

strace -f -o "$dir/trace" pkcs11-tool --module "$module" --token-label people -O >/dev/null 2>&1
has 'the trace saw the module at work' "$(cat "$dir/trace")" 'people\.cdb'
lacks 'with a fresh snapshot there is no socket, process or thread' "$(sed 1d "$dir/trace")" \
    '\b(socket|connect|fork|vfork|clone|clone3|execve)\('
silent=$(CERTBRIDGE_CONF=/nonexistent tool -L)
has 'without a configuration there are no slots' "$silent" '^No slots'
lacks 'and without CERTBRIDGE_LOG nothing is said' "$silent" 'certbridge\['
has 'and the log says why' \
    "$(CERTBRIDGE_CONF=/nonexistent CERTBRIDGE_LOG=error tool -L)" 'certbridge\[.*/nonexistent'
plan
