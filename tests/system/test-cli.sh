#!/bin/bash
# The program: what it prints, in which form, with which exit status.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 3 --chain >/dev/null
people_add 'a b/ü' 1 --id 'x%y' >/dev/null
factory_add --from "$W/pki/root.pem" >/dev/null
sim_admin reload

refuses 'no command is a usage error' 2 certbridge
refuses 'an unknown command too' 2 certbridge lst
has 'with the nearest one' "$(certbridge lst 2>&1)" 'did you mean "list"'
refuses 'an option of another command' 2 certbridge status --der
refuses 'a missing argument' 2 certbridge show
refuses 'a missing configuration' 2 certbridge --config "$W/none" list
refuses 'an unknown source of sync' 2 certbridge sync nobody
check '--help' certbridge --help
has '--version' "$(certbridge --version)" '^certbridge [0-9]+\.[0-9]+\.[0-9]+$'

refuses 'list before any sync: each source fails' 1 certbridge list
has 'and says what to run' "$(certbridge list 2>&1)" 'source people: .*certbridge sync people'
refuses 'status before any sync' 1 certbridge status
same 'sync tells what came' "$(certbridge sync)" 'factory: 1 certificates, 0 passcodes
people: 4 certificates, 0 passcodes'
same 'sync of the same says so' "$(certbridge sync people)" 'people: 4 certificates, 0 passcodes, unchanged'
same '--quiet says nothing' "$(certbridge sync --quiet 2>&1)" ''
lacks 'no progress where there is no terminal' "$(certbridge sync --force 2>&1)" '\['
has 'progress on a terminal' "$(script -qec "$top_builddir/certbridge sync --force people" /dev/null)" \
    'people \[[#.]*\] [0-9]+ of [0-9]+ requests'

same 'list has a line for each' "$(certbridge list | wc -l)" 6
same 'list of a user' "$(certbridge list certbridge://people/user-123 | wc -l)" 4
same 'paths are percent-encoded' "$(certbridge list --json 'certbridge://people/a%20b%2F%C3%BC' | jq -r '.[].uri')" \
    'certbridge://people/a%20b%2F%C3%BC/x%25y'
refuses 'nothing found' 3 certbridge list certbridge://people/nobody
same 'and an empty array' "$(certbridge list --json certbridge://people/nobody 2>/dev/null)" '[]'
refuses 'a wrong URI' 2 certbridge list certbridge://people//x
refuses 'an unknown source' 2 certbridge list certbridge://peple
has 'with the nearest one' "$(certbridge list certbridge://peple 2>&1)" 'people'
same 'list --json has these members' \
    "$(certbridge list --json | jq -r '.[0] | keys_unsorted | join(" ")')" \
    'source kind path uri pkcs11_uri label state usable subject issuer serial sha256 not_before not_after'

leaf=$(certbridge list --json certbridge://people/user-123 | jq -r '.[0].uri')
id=${leaf##*/}
pem=$W/keys/$id.pem
x509() { openssl x509 -in "$1" -noout "${@:2}"; }
field() { certbridge list --json "$leaf" | jq -r ".[0].$1"; }
same 'serial' "$(field serial)" "$(x509 "$pem" -serial | sed 's/.*=//' | tr A-F a-f)"
same 'sha256' "$(field sha256)" "$(x509 "$pem" -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)"
same 'subject' "$(field subject)" "$(x509 "$pem" -subject -nameopt RFC2253 | sed 's/^subject=//')"
same 'issuer' "$(field issuer)" "$(x509 "$pem" -issuer -nameopt RFC2253 | sed 's/^issuer=//')"
same 'not_after' "$(date -d "$(field not_after)" +%s)" "$(date -d "$(x509 "$pem" -enddate | sed 's/.*=//')" +%s)"
same 'usable' "$(field usable)" true
same 'kind' "$(field kind)" certificate

same 'show --json has the details' "$(certbridge show --json "$leaf" | jq -r '.[0].details.extId')" "$id"
same 'without the certificate' "$(certbridge show --json "$leaf" | jq '.[0].details | has("certificate")')" false
same 'and the chain' "$(certbridge show --json "$leaf" | jq -r '.[0].chain[0].label')" 'Test Issuing CA'
has 'show for people' "$(certbridge show "$leaf")" '^subject +CN='

same 'export: leaf, then chain' "$(certbridge export "$leaf" | grep -c BEGIN)" 2
same 'export of one leaf' "$(certbridge export "$leaf?part=leaf" | openssl x509 -outform der | sha256sum)" \
    "$(openssl x509 -in "$pem" -outform der | sha256sum)"
same 'export --der' "$(certbridge export --der "$leaf" | sha256sum)" "$(openssl x509 -in "$pem" -outform der | sha256sum)"
refuses 'export --der of several' 2 certbridge export --der certbridge://people
same 'each chain certificate once' "$(certbridge export 'certbridge://people?part=issuers' | grep -c BEGIN)" 1

check 'status' certbridge status
same 'status --json has these members' "$(certbridge status --json | jq -r '.[0] | keys_unsorted | join(" ")')" \
    'source type last_try last_success next_try age certificates passcodes left_out reported error next_expiry'
same 'status counts' "$(certbridge status --json | jq -r '.[1] | "\(.source) \(.certificates) \(.passcodes) \(.error)"')" 'people 4 0 null'

lacks 'no secret in the cache' "$(strings -a "$W"/cache/*)" 'test-token|test-api-key'
same 'and none in a URL' "$(sim_counters | jq .secrets_in_target)" 0
same 'and only GET was sent' "$(sim_counters | jq .non_get)" 0

printf '[factory]\ntype = digicert-iot\nurl = https://localhost\napi_kye = file:/x\n' >"$W/wrong.conf"
has 'a wrong key: file, line, key, nearest' "$(certbridge --config "$W/wrong.conf" list 2>&1)" \
    'wrong.conf:4: .*api_kye.*api_key'
plan
