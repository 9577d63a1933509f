#!/bin/bash
# The simulator is as strict as README.md says, and every setting and fault does what it says there.
# Asked with curl, which knows nothing of the APIs. TAP.
set -u
here=$(dirname "$0")
. "$here/sim.sh"

work=$(mktemp -d)
trap 'sim_stop_all; rm -rf "$work"' EXIT

number=0
result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        printf '%s\n' "got $code: $(head -c 400 "$work/body" | tr -d '\0')" | sed 's/^/# /'
    fi
}

# ask CURL-ARGUMENTS: sets code (curl's HTTP status, 000 for none) and fills body and head.
code=
ask() {
    : >"$work/body"
    : >"$work/head"
    code=$(curl -sS --noproxy '*' --path-as-is --max-time 20 --cacert "$SIM_CA" -o "$work/body" -D "$work/head" \
        -w '%{http_code}' "$@" 2>"$work/curl")
}

# expect CODE TEXT-IN-BODY NAME: of the last answer.
expect() {
    [ "$code" = "$1" ] && { [ -z "$2" ] || grep -qaF -- "$2" "$work/body"; }
    result $? "$3"
}

holds() { # NAME COMMAND...: the command succeeds
    local name=$1
    shift
    "$@" >/dev/null 2>&1
    result $? "$name"
}

profile=IOT_c1ac3d12-c2cb-46f0-808e-d0110c280c77
other=IOT_00000000-0000-0000-0000-000000000000
id=00000000-0000-4000-8000-000000000000
D=/iot/api/v1/enrollment-profile/$profile/authentication-certificate
N=/nevisidm/api/core/v1/client%201/users/user%2F1%25/certificates
U=/nevisidm/api/core/v1/clients/client%201/users
key='x-api-key: test-api-key'
token='Authorization: Bearer test-token'

make_everything() {
    sim_data "$work" &&
        "$SIM_BUILD/make-data" digicert "$work/data" $profile --count 5 --pki "$work/pki" --vary --states &&
        "$SIM_BUILD/make-data" nevisidm "$work/data" 'client 1' 'user/1%' --count 8 --pki "$work/pki" --vary \
            --states --keys "$work/keys" &&
        "$SIM_BUILD/make-data" nevisidm "$work/data" 'client 1' 'u2' --count 1 --id 'a b;c/é' --pki "$work/pki" &&
        "$SIM_BUILD/make-data" nevisidm "$work/data" 'client 1' 'u3' --from "$work/pki" --lines
}

# Rows: expected status | text in the body | what it shows | path | curl options, split at blanks, '~' is a blank
check_rows() {
    local want text name path options
    while IFS='|' read -r want text name path options; do
        [ -z "$want" ] && continue
        # shellcheck disable=SC2086
        set -- $options
        ask "${@//\~/ }" "$SIM_URL$path"
        expect "$want" "$text" "$name"
    done
}

check_digicert() {
    check_rows <<ROWS
200|"id":"$id"|DigiCert: a certificate|$D/$id|-H x-api-key:test-api-key
200|"id":"$id"|DigiCert: content-type and Accept as in the documentation|$D/$id|-H x-api-key:test-api-key -H content-type:application/json;charset=UTF-8 -H Accept:application/json
200|"id":"$id"|DigiCert: header names ignore case|$D/$id|-H X-Api-Key:test-api-key
200|"id":"$id"|DigiCert: needless but right escapes|${D/authentication/%61uthentication}/$id|-H x-api-key:test-api-key
401|"code":"invalid_api_key"|DigiCert: no key|$D/$id|
401|"code":"invalid_api_key"|DigiCert: wrong key|$D/$id|-H x-api-key:test-api-kez
401|"code":"invalid_api_key"|DigiCert: part of a key|$D/$id|-H x-api-key:test
401|"code":"invalid_api_key"|DigiCert: key has expired|$D/$id|-H x-api-key:old-api-key
403|"code":"access_denied"|DigiCert: key without rights|$D/$id|-H x-api-key:weak-api-key
400|"code":"invalid_request"|DigiCert: key sent twice|$D/$id|-H x-api-key:test-api-key -H x-api-key:test-api-key
400|"code":"invalid_request"|DigiCert: another API's token is sent|$D/$id|-H x-api-key:test-api-key -H Authorization:Bearer~test-token
400|Enrollment profile with id $other does not exist|DigiCert: unknown profile|${D/$profile/$other}/$id|-H x-api-key:test-api-key
400|"code":"invalid_input"|DigiCert: profile id without IOT_|${D/$profile/${profile#IOT_}}/$id|-H x-api-key:test-api-key
404|"code":"resource_not_found"|DigiCert: unknown certificate|$D/${id%0}f|-H x-api-key:test-api-key
404|"code":"resource_not_found"|DigiCert: unknown path|${D/authentication/authentification}/$id|-H x-api-key:test-api-key
405|"errors"|DigiCert: POST|$D/$id|-H x-api-key:test-api-key -X POST
405|"errors"|DigiCert: DELETE|$D/$id|-H x-api-key:test-api-key -X DELETE
400|"errors"|DigiCert: a body on GET|$D/$id|-H x-api-key:test-api-key -X GET -d {}
406|"errors"|DigiCert: Accept without JSON|$D/$id|-H x-api-key:test-api-key -H Accept:text/html
400|"errors"|DigiCert: unknown query parameter|$D/$id?x=1|-H x-api-key:test-api-key
400|"errors"|DigiCert: empty path segment|${D/v1/v1/}/$id|-H x-api-key:test-api-key
400|"errors"|DigiCert: trailing slash|$D/|-H x-api-key:test-api-key
404|"code":"resource_not_found"|DigiCert: dot segments are not resolved|$D/../authentication-certificate/$id|-H x-api-key:test-api-key
404|404 Not Found|a path of no API|/iot/api/v2/device|-H x-api-key:test-api-key
200|{"limit":20,"offset":0,"total":5,"records":[{|DigiCert: list with the default limit|$D|-H x-api-key:test-api-key
200|{"limit":2,"offset":4,"total":5,"records":[{"id":"00000000-0000-4000-8000-000000000004"|DigiCert: the last page|$D?offset=4&limit=2|-H x-api-key:test-api-key
200|{"limit":2,"offset":9,"total":5,"records":[]}|DigiCert: beyond the end|$D?offset=9&limit=2|-H x-api-key:test-api-key
400|"errors"|DigiCert: limit 0|$D?limit=0|-H x-api-key:test-api-key
400|"errors"|DigiCert: limit beyond the largest|$D?limit=1001|-H x-api-key:test-api-key
400|"errors"|DigiCert: a negative offset|$D?offset=-1|-H x-api-key:test-api-key
400|"errors"|DigiCert: a parameter twice|$D?limit=1&limit=1|-H x-api-key:test-api-key
400|"errors"|DigiCert: unknown list parameter|$D?limit=1&page=2|-H x-api-key:test-api-key
200|"total":0,"records":[]|DigiCert: a collection that is empty|${D/authentication-certificate/passcode}|-H x-api-key:test-api-key
ROWS
}

check_nevisidm() {
    check_rows <<ROWS
200|"extId":"cert-0"|nevisIDM: a certificate, bearer|$N/cert-0|-H Authorization:Bearer~test-token
200|"extId":"cert-0"|nevisIDM: basic|$N/cert-0|-u reader:test-password
200|"extId":"cert-0"|nevisIDM: client certificate|$N/cert-0|--cert $work/pki/client.pem --key $work/pki/client.key
200|"extId":1001|nevisIDM: extId is a number|$N/1001|-H Authorization:Bearer~test-token
200|a b;c/é|nevisIDM: an id that needs encoding|/nevisidm/api/core/v1/client%201/users/u2/certificates/a%20b%3Bc%2F%C3%A9|-H Authorization:Bearer~test-token
404|"errors"|nevisIDM: a slash that is not encoded|/nevisidm/api/core/v1/client%201/users/u2/certificates/a%20b%3Bc/%C3%A9|-H Authorization:Bearer~test-token
400|"errors"|nevisIDM: a semicolon that is not encoded|/nevisidm/api/core/v1/client%201/users/u2/certificates/a%20b;c%2F%C3%A9|-H Authorization:Bearer~test-token
400|"errors"|nevisIDM: bytes that are not encoded||-H Authorization:Bearer~test-token --request-target /nevisidm/api/core/v1/client%201/users/u2/certificates/a%20b%3Bc%2Fé
404|"errors"|nevisIDM: encoded twice|/nevisidm/api/core/v1/client%201/users/u2/certificates/a%2520b%253Bc%252F%25C3%25A9|-H Authorization:Bearer~test-token
400|"errors"|nevisIDM: a percent sign that is not encoded|/nevisidm/api/core/v1/client%201/users/user%2F1%/certificates/cert-0|-H Authorization:Bearer~test-token
404|"errors"|nevisIDM: a plus is no blank in a path|/nevisidm/api/core/v1/client+1/users/u2/certificates|-H Authorization:Bearer~test-token
401|"errors"|nevisIDM: no credentials|$N/cert-0|
401|"errors"|nevisIDM: wrong token|$N/cert-0|-H Authorization:Bearer~test-tokem
401|"errors"|nevisIDM: wrong password|$N/cert-0|-u reader:test-passwore
401|"errors"|nevisIDM: token without its scheme|$N/cert-0|-H Authorization:test-token
401|"errors"|nevisIDM: a certificate of no known CA|$N/cert-0|--cert $work/pki/stranger.pem --key $work/pki/stranger.key
403|"errors"|nevisIDM: token without rights|$N/cert-0|-H Authorization:Bearer~weak-token
400|"errors"|nevisIDM: two tokens|$N/cert-0|-H Authorization:Bearer~test-token -H Authorization:Bearer~test-token
400|"errors"|nevisIDM: another API's key is sent|$N/cert-0|-H Authorization:Bearer~test-token -H x-api-key:test-api-key
404|Client not found|nevisIDM: unknown client|${N/client/klient}/cert-0|-H Authorization:Bearer~test-token
404|User not found|nevisIDM: unknown user|${N/user%2F/user}/cert-0|-H Authorization:Bearer~test-token
404|errors.noRecord|nevisIDM: unknown certificate|$N/cert-99|-H Authorization:Bearer~test-token
404|"errors"|nevisIDM: unknown path|$N/cert-0/x|-H Authorization:Bearer~test-token
405|"errors"|nevisIDM: PATCH|$N/cert-0|-H Authorization:Bearer~test-token -X PATCH
400|"errors"|nevisIDM: unknown query parameter|$N?pageSize=1|-H Authorization:Bearer~test-token
400|given twice|nevisIDM: a query parameter twice|$N?limit=1&limit=1|-H Authorization:Bearer~test-token
400|"errors"|nevisIDM: offset on a user's certificates|$N?offset=1|-H Authorization:Bearer~test-token
200|"_pagination":{"limit":100},"_classifications":{}}|nevisIDM: all on one page|$N|-H Authorization:Bearer~test-token
200|{"items":[{"extId":"u2"|nevisIDM: users|$U?limit=2|-H Authorization:Bearer~test-token
400|continuation token|nevisIDM: a token that nobody issued|$N?continuationToken=1500000000000_cert-0|-H Authorization:Bearer~test-token
400|continuation token|nevisIDM: no token at all|$N?continuationToken=cert-0|-H Authorization:Bearer~test-token
400|continuation token|nevisIDM: an empty token|$N?continuationToken=|-H Authorization:Bearer~test-token
ROWS
    ask -H "$token" "$SIM_URL$N" # every state is in the list
    for state in initial active tmp-locked fail-locked reset-code admin-changed disabled archived; do
        expect 200 "\"stateName\":\"$state\"" "nevisIDM: state $state"
    done
    ask "$SIM_URL$N"
    holds 'nevisIDM: 401 has WWW-Authenticate' grep -qi '^www-authenticate: Bearer' "$work/head"
}

continuation() {
    sed -n 's/.*"continuationToken":"\([^"]*\)".*/\1/p' "$work/body"
}

# walk LIMIT: all pages of the user's certificates; prints the number of pages and of items.
walk() {
    local next='' pages=0 items=0
    while :; do
        ask -H "$token" -G --data-urlencode "limit=$1" ${next:+--data-urlencode "continuationToken=$next"} "$SIM_URL$N"
        pages=$((pages + 1))
        items=$((items + $(grep -o '"stateName"' "$work/body" | wc -l)))
        next=$(continuation)
        [ -n "$next" ] && [ $pages -lt 20 ] || break
    done
    echo "$pages $items"
}

check_walks() {
    holds 'nevisIDM: 8 in pages of 3' test "$(walk 3)" = '3 8'
    holds 'nevisIDM: 8 in pages of 4' test "$(walk 4)" = '2 8'
    sim_admin set nevisidm_full_last_page=token
    holds 'a token on a full last page, then an empty page' test "$(walk 4)" = '3 8'
    ask -H "$token" "$SIM_URL$N?limit=8"
    local next
    next=$(continuation)
    ask -H "$token" -G --data-urlencode "continuationToken=$next" "$SIM_URL$N"
    expect 200 '{"items":[]' 'the empty page'
    ask -H "$token" -G --data-urlencode "continuationToken=$next" "$SIM_URL${N/user%2F1%25/u2}"
    expect 400 'continuation token' "another user's token"
    ask -H "$token" "$SIM_URL$U?limit=1"
    next=$(continuation)
    ask -H "$token" -G --data-urlencode "continuationToken=$next" -d limit=1 "$SIM_URL$U"
    expect 200 '"extId":"u3"' 'the second page of users'
    ask -H "$token" -G --data-urlencode "continuationToken=$next" -d limit=1 -d offset=2 "$SIM_URL$U"
    expect 200 '"extId":"user/1%"' 'offset beats the token'
    sim_admin set nevisidm_full_last_page=end nevisidm_end=null
    ask -H "$token" "$SIM_URL$N"
    expect 200 '"continuationToken":null' 'nevisidm_end=null'
    sim_admin set nevisidm_end=empty
    ask -H "$token" "$SIM_URL$N"
    expect 200 '"continuationToken":""' 'nevisidm_end=empty'
    sim_admin set nevisidm_end=no_pagination
    ask -H "$token" "$SIM_URL$N"
    expect 200 '],"_classifications":{}}' 'nevisidm_end=no_pagination'
    sim_admin reset
    sim_admin set churn=delete churn_count=1
    holds 'churn=delete: the walk by token still ends' test "$(walk 3)" = '3 8'
    sim_admin reset
}

# Settings in rows: assignment | path | text in the body
check_settings() {
    local setting path text
    while IFS='|' read -r setting path text; do
        sim_admin reset
        sim_admin set "$setting"
        ask -H "$key" "$SIM_URL$path"
        expect "${text%% *}" "${text#* }" "$setting"
    done <<ROWS
error_wrapper=error|$D/none|404 {"error":{"code":"resource_not_found"
digicert_missing=entity_not_found|$D/none|404 entity_not_found
digicert_list=array|$D?limit=1|200 [{"id":"$id"
digicert_total=changing|$D?limit=1&offset=2|200 "total":8
digicert_total=missing|$D?limit=1&offset=2|200 {"limit":1,"offset":2,"records"
digicert_default_limit=3|$D|200 {"limit":3
digicert_max_limit=3|$D?limit=4|400 errors
churn=add|$D|200 "total":4
transfer=chunked|$D/$id|200 "id":"$id"
ROWS
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'transfer=chunked: header' grep -qi '^transfer-encoding: chunked' "$work/head"
    sim_admin set transfer=length churn=delete
    ask -H "$key" "$SIM_URL$D"
    ask -H "$key" "$SIM_URL$D"
    expect 200 '"total":4,"records":[{"id":"00000000-0000-4000-8000-000000000001"' 'churn=delete after a page'
    sim_admin set validators=etag
    ask -H "$key" "$SIM_URL$D/$id"
    local tag
    tag=$(sed -n 's/^etag: \(.*\)\r$/\1/Ip' "$work/head")
    ask -H "$key" -H "If-None-Match: $tag" "$SIM_URL$D/$id"
    expect 304 '' 'validators=etag'
    sim_admin reset
    holds 'an unknown setting is refused' test "$(sim_admin set colour=red 2>&1 && echo yes)" != yes
    holds 'a wrong value is refused' test "$(sim_admin set transfer=slow 2>&1 && echo yes)" != yes
}

# Faults in rows: parameters, split at blanks, '~' is a blank | expected status | text in the body
check_faults() {
    local fault want text
    while IFS='|' read -r fault want text; do
        sim_admin reset
        # shellcheck disable=SC2086
        set -- $fault
        sim_admin fault "${@//\~/ }"
        ask -H "$key" "$SIM_URL$D/$id"
        expect "$want" "$text" "fault $fault"
    done <<ROWS
kind=status|503|"code":"service_unavailable"
kind=status status=401|401|invalid_api_key
kind=status status=403|403|access_denied
kind=status status=404|404|resource_not_found
kind=status status=500 code=x message=a~b|500|{"code":"x","message":"a b"}
kind=html|502|<html>
kind=html status=200|200|<html>
kind=redirect value=https://elsewhere.invalid/|302|
kind=body value={"a":1}|200|{"a":1}
kind=deep number=5|200|{"id":[[[[[]]]]]}
kind=large number=4|200|{"id":"xxxx"}
kind=commas number=6|200|{"records":[{},{},{}]}
kind=item-member name=status value=7|200|"status":7
kind=item-expiry|200|"certificate_expires_on":"2001-02-03T04:05:06Z"
kind=item-certificate|200|CERTIFICATE-----\nAAAAAAAA
kind=item-digest value="00"|200|"certificate_thumbprint":"00"
kind=non-utf8|200|"xText":"caf
kind=duplicate name=status value="DELETED"|200|{"status":"DELETED","id"
kind=extra|200|"certificate":{"xNew"
kind=truncate number=5|200|{"id"
kind=status status=429 match=/nothing/|200|"id"
kind=status status=429 after=1|200|"id"
kind=item-remove name=pem id=another|200|"pem"
ROWS
}

size() {
    stat -c %s "$work/body"
}

check_faults_closely() {
    sim_admin reset
    sim_admin fault kind=status status=429 retry_after=7 count=2
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'Retry-After in seconds' grep -qi '^retry-after: 7' "$work/head"
    ask -H "$key" "$SIM_URL$D/$id"
    expect 429 request_limit_exceeded 'count=2: twice'
    ask -H "$key" "$SIM_URL$D/$id"
    expect 200 "$id" 'count=2: and no more'
    sim_admin fault kind=status after=1 count=1 match=$id
    ask -H "$key" "$SIM_URL$D/$id"
    ask -H "$key" "$SIM_URL$D/$id"
    expect 503 service_unavailable 'after=1: the second request'
    sim_admin fault kind=status retry_after=date:60
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'Retry-After as a date' grep -qiE '^retry-after: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} ..:..:.. GMT' "$work/head"
    sim_admin clear
    ask -H "$key" "$SIM_URL$D/$id"
    cp "$work/body" "$work/good"
    local good
    good=$(size)
    sim_admin fault kind=item-remove name=pem
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'item-remove' test "$(grep -c '"pem"' "$work/body")" = 0
    sim_admin clear
    sim_admin fault kind=item-digest id=$id
    ask -H "$key" "$SIM_URL$D"
    holds 'item-digest spoils one item of a list' test \
        "$(grep -oE '"certificate_thumbprint":"[0-9a-f]{64}"' "$work/body" | wc -l)" = 5
    holds 'item-digest says something else' test -z \
        "$(grep -oE '"certificate_thumbprint":"[0-9a-f]{64}"' "$work/good" | grep -f - "$work/body")"
    sim_admin clear
    sim_admin fault kind=bom
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'bom' test "$(head -c 3 "$work/body" | od -An -tx1)" = ' ef bb bf'
    sim_admin clear
    sim_admin fault kind=pad number=100000
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'pad' test "$(size)" = 100000
    sim_admin clear
    sim_admin fault kind=content-type value=text/plain
    sim_admin fault kind=header name=X-One value=two
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'content-type' grep -qi '^content-type: text/plain' "$work/head"
    holds 'header' grep -qi '^x-one: two' "$work/head"
    sim_admin clear
    sim_admin fault kind=redirect value=https://elsewhere.invalid/ status=307
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'redirect' grep -qi '^location: https://elsewhere.invalid/' "$work/head"
    sim_admin clear
    sim_admin fault kind=cut number=100
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'cut: curl knows' test "$(size) $(grep -c 'curl: (' "$work/curl")" = '100 1'
    sim_admin fault kind=chunked
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'cut and chunked together' test "$(size) $(grep -c 'curl: (' "$work/curl")" = '100 1'
    sim_admin clear
    sim_admin fault kind=chunked
    sim_admin fault kind=drip number=$((good * 5))
    ask -H "$key" "$SIM_URL$D/$id"
    holds 'chunked and drip together' cmp "$work/body" "$work/good"
    sim_admin clear
    sim_admin fault kind=close
    ask -H "$key" "$SIM_URL$D/$id"
    expect 000 '' 'close'
    sim_admin clear
    sim_admin fault kind=stall
    ask --max-time 0.3 -H "$key" "$SIM_URL$D/$id"
    holds 'stall: curl gives up' grep -q 'curl: (28)' "$work/curl"
    sim_admin clear
    sim_admin fault kind=delay number=150
    local took
    took=$(curl -sS --noproxy '*' --cacert "$SIM_CA" -H "$key" -o "$work/body" -w '%{time_starttransfer}' "$SIM_URL$D/$id")
    holds 'delay' awk "BEGIN { exit !($took >= 0.15) }"
    sim_admin clear
    holds 'an unknown kind is refused' test "$(sim_admin fault kind=rain 2>&1 && echo yes)" != yes
    holds 'a fault without a kind is refused' test "$(sim_admin fault count=1 2>&1 && echo yes)" != yes
}

check_client_certificate() {
    local with="--cert $work/pki/client.pem --key $work/pki/client.key"
    # shellcheck disable=SC2086
    ask $with "$SIM_CLIENTAUTH_URL$D/$id"
    expect 200 "$id" 'clientauth: certificate and no key'
    # shellcheck disable=SC2086
    ask $with -H "$key" "$SIM_CLIENTAUTH_URL$D/$id"
    expect 400 'must not be sent' 'clientauth: certificate and key'
    ask -H "$key" "$SIM_CLIENTAUTH_URL$D/$id"
    expect 400 errors 'clientauth: key alone'
    ask "$SIM_CLIENTAUTH_URL$D/$id"
    expect 401 'client certificate' 'clientauth: nothing'
    ask --cert "$work/pki/stranger.pem" --key "$work/pki/stranger.key" "$SIM_CLIENTAUTH_URL$D/$id"
    expect 401 'client certificate' 'clientauth: a certificate of no known CA'
    # shellcheck disable=SC2086
    ask $with "$SIM_URL$D/$id"
    expect 401 invalid_api_key 'the normal host wants a key'
}

check_data() {
    local file="$work/data/digicert/$profile/authentication-certificate/$id"
    cp "$file.json" "$work/saved.json"
    printf '{"id":"%s","pem":"@text.txt","n":1.50}' $id >"$file.json"
    printf 'line\n' >"${file%/*}/text.txt"
    ask -H "$key" "$SIM_URL$D/$id"
    expect 200 thumbprint 'changed data waits for a reload'
    sim_admin reload
    ask -H "$key" "$SIM_URL$D/$id"
    expect 200 "{\"id\":\"$id\",\"pem\":\"line\\n\",\"n\":1.50}" 'a reference, and the text as it was written'
    printf '{"id":1}' >"$file.json"
    cp "$work/pki/root.pem" "$file.pem"
    sim_admin reload
    ask -H "$key" "$SIM_URL$D/$id"
    expect 200 '{"id":1,"pem":"-----BEGIN' 'a .pem beside the .json'
    printf '{' >"$file.json"
    holds 'data that cannot be read is refused' test "$(sim_admin reload 2>&1 && echo yes)" != yes
    ask -H "$key" "$SIM_URL$D/$id"
    expect 200 '{"id":1,' 'and the old stays'
    rm "$file.pem"
    mv "$work/saved.json" "$file.json"
    kill -HUP "$SIM_PID"
    until ask -H "$key" "$SIM_URL$D/$id" && grep -q thumbprint "$work/body"; do :; done
    expect 200 thumbprint 'SIGHUP reads the data'
}

# What make-data says of a certificate is what openssl says.
check_facts() {
    local print serial
    print=$(openssl x509 -in "$work/keys/cert-0.pem" -noout -fingerprint -sha256 | cut -d= -f2 | tr A-F a-f)
    serial=$(openssl x509 -in "$work/keys/cert-0.pem" -noout -serial | cut -d= -f2 | tr A-F a-f)
    ask -H "$token" "$SIM_URL$N/cert-0"
    expect 200 "\"fingerprint\":\"$print\"" 'make-data: fingerprint'
    expect 200 "\"serial\":\"$serial\"" 'make-data: serial number'
    expect 200 '"subjectDN":"CN=user/1% 0,O=Certbridge Test","issuerDN":"CN=Test Issuing CA,O=Certbridge Test"' \
        'make-data: names'
    holds 'make-data: the issuing chain verifies' openssl verify -CAfile "$work/pki/root.pem" \
        -untrusted "$work/pki/intermediate.pem" "$work/keys/cert-0.pem"
    ask -H "$token" "$SIM_URL${N/user%2F1%25/u3}"
    holds 'make-data: a folder of existing certificates' test "$(grep -o '"stateName"' "$work/body" | wc -l)" = 7
    sim_admin fault kind=item-digest
    sim_admin fault kind=item-serial
    sim_admin fault kind=item-key-id 'value="00"'
    ask -H "$token" "$SIM_URL$N/cert-0"
    expect 200 '"subjectKeyIdentifier":"00"' 'nevisIDM: item-key-id'
    holds 'nevisIDM: item-digest, item-serial' test "$(grep -cE "$print|$serial" "$work/body")" = 0
    sim_admin reset
}

check_log() {
    sim_admin reset
    : >"$SIM_LOG"
    ask -H "$key" "$SIM_URL$D/$id" "$SIM_URL$D?key=test-api-key"
    ask -X POST -H "$token" -d '{}' "$SIM_URL$N"
    holds 'log: a line a request' test "$(sim_log | wc -l)" = 3
    holds 'log: what it says' grep -q "connection=[0-9]* listener=normal method=GET target=$D/$id headers=host,user-agent,accept,x-api-key authorised=yes status=200 " "$SIM_LOG"
    holds 'log: no secret, even in a target' test "$(grep -cE 'test-api-key|test-token' "$SIM_LOG")" = 0
    holds 'log: one connection for two requests' test "$(sim_log | grep -o 'connection=[0-9]*' | sort -u | wc -l)" = 2
    holds 'counters: of a target' test "$(sim_counters "$D/$id")" = 1
    holds 'counters: not GET, secrets in targets' grep -q '"non_get":1,"secrets_in_target":1' <<<"$(sim_counters)"
    sim_admin fault kind=stall
    curl -s --noproxy '*' --cacert "$SIM_CA" -H "$key" --parallel --parallel-immediate -o "$work/#1" \
        "$SIM_URL$D/{a,b,c,d}" 2>/dev/null &
    until sim_counters | grep -q '"in_flight":4'; do :; done
    kill $!
    until sim_counters | grep -q '"in_flight":0,"max_in_flight":4'; do :; done
    result 0 'counters: four in flight, then none'
    sim_admin reset
}

check_mute() {
    ask --max-time 0.5 "https://localhost:$SIM_MUTE_PORT/"
    holds 'mute: TCP connects, TLS never answers' grep -q 'curl: (28)' "$work/curl"
}

# The option at start, and an end with an answer under way.
check_end() {
    sim_admin fault kind=stall
    curl -sS --noproxy '*' --cacert "$SIM_CA" -H "$key" "$SIM_URL$D/$id" >/dev/null 2>&1 &
    until sim_counters | grep -q '"in_flight":1'; do :; done
    sim_stop
    result $? 'SIGTERM ends it cleanly, with a stalled answer under way'
    sim_start "$work" --set client_certificate=tls --fault kind=html,status=500,count=1 --address ::1
    SIM_URL=${SIM_URL/localhost/[::1]} SIM_CLIENTAUTH_URL=${SIM_CLIENTAUTH_URL/localhost/[::1]}
    ask -H "$key" "$SIM_URL$D/$id"
    expect 500 '<html>' 'a fault from the command line'
    ask "$SIM_CLIENTAUTH_URL$D/$id"
    expect 000 '' 'client_certificate=tls: no handshake without'
    ask --cert "$work/pki/client.pem" --key "$work/pki/client.key" "$SIM_CLIENTAUTH_URL$D/$id"
    expect 200 "$id" 'client_certificate=tls: and with'
    sim_stop
    result $? 'ends cleanly'
    holds 'wrong options are refused' test "$(sim_start "$work" --set a=b 2>/dev/null && echo yes)" != yes
}

make_everything >/dev/null && sim_start "$work" --mute-port 0
result $? 'data is made, the simulator starts'
check_digicert
check_nevisidm
check_walks
check_settings
check_faults
check_faults_closely
check_client_certificate
check_data
check_facts
check_log
check_mute
check_end
echo "1..$number"
