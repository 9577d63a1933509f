#!/bin/bash
# Lists of any length, whatever their pages look like: everything is fetched, once, and shown by both faces.
set -u
. "$top_srcdir/tests/system/world.sh"
world

users=$W/data/nevisidm/client-123/users
no_credentials() { mkdir -p "${@/%//certificates}"; } # FOLDER...: of users
no_credentials "$users/none" "$W"/data/nevisidm/crowd/users/{100..549}
people_add many 1000 --vary >/dev/null
people_add one 1 >/dev/null
"$MAKE_DATA" nevisidm "$W/data" crowd 333 --count 2 --pki "$W/pki" >/dev/null
factory_add --count 401 --pki "$W/pki" --vary >/dev/null
sim_admin reload

profile="enrollment_profile = $PROFILE"
listed() { certbridge list --all --json 2>/dev/null | jq length; }
in_pkcs11() { pkcs11 --token-label "$1" -O --type cert 2>/dev/null | grep -c 'Certificate Object'; }
in_openssl() { storeutl -noout -certs "certbridge://$1" 2>/dev/null | tail -n 1 | grep -oE '[0-9]+$'; }
asked() { sim_counters | jq "[.targets | to_entries[] | select(.key | contains(\"$1\")) | .value] | add // 0"; }

everywhere() # NAME SOURCE NUMBER
{
    same "$1: list" "$(listed)" "$3"
    same "$1: PKCS#11" "$(in_pkcs11 "$2")" "$3"
    same "$1: OpenSSL" "$(in_openssl "$2")" "$3"
}

# Rows: name | settings | certificates, or words of the error | requests for lists
#       [| items added or deleted meanwhile]
rows() # SOURCE WORD-OF-A-LIST'S-TARGET
{
    local name settings wanted requests out
    while IFS='|' read -r name settings wanted requests; do
        sim_admin reset
        sim_admin reload
        sim_admin set $settings
        out=$(certbridge sync --force "$1" 2>&1)
        has "$name" "$out" "$wanted"
        same "$name: requests" "$(asked "$2")" "$requests"
    done
}

nevisidm_users()
{
    local user n
    while read -r user n; do
        people_is 'client = client-123' "users = $user"
        check "user with $n: sync" certbridge sync
        everywhere "user with $n" people "$n"
    done <<ROWS
none 0
one 1
many 1000
none,one,many 1001
* 1001
ROWS
    sim_admin reset
    people_is 'client = crowd' 'users = *'
    same '450 users' "$(certbridge sync)" 'people: 2 certificates, 0 passcodes'
    same 'are three pages' "$(asked 'crowd/users?')" 3
    same 'and each is asked once' "$(asked /certificates)" 450
    sim_admin set nevisidm_max_limit=100 nevisidm_default_limit=50
    same '450 users of a server with smaller pages' "$(certbridge sync --force)" 'people: 2 certificates, 0 passcodes'
    sim_admin fault kind=status status=404 match=/users/100/
    same 'a user who goes meanwhile' "$(certbridge sync)" 'people: 2 certificates, 0 passcodes, unchanged'
    sim_admin clear
    sim_admin fault kind=body 'value={"items":[{"extId":"333"}],"_pagination":{"continuationToken":"1_333"}}' match='/users?'
    has 'a token that comes again' "$(certbridge sync 2>&1)" 'list of the client.s users: a continuationToken comes again'
    sim_admin clear
    sim_admin fault kind=body 'value={"items":[],"_pagination":{"continuationToken":"1_333"}}' match='/users?'
    same 'an empty page is the end, whatever its token' "$(certbridge sync)" 'people: 0 certificates, 0 passcodes'
}

nevisidm_pages()
{
    people_is 'client = client-123' 'users = many'
    rows people /certificates <<ROWS
a page that says nothing of a next one|nevisidm_end=missing|people: 1000 |5
a null token|nevisidm_end=null|people: 1000 |5
an empty token|nevisidm_end=empty|people: 1000 |5
no _pagination|nevisidm_end=no_pagination|people: 1000 |5
a full last page with a token|nevisidm_full_last_page=token|people: 1000 |6
added between pages|churn=add churn_count=2|people: 998 |5
deleted between pages|churn=delete churn_count=2|people: 1000 |5
a smaller largest limit|nevisidm_max_limit=100 nevisidm_default_limit=100|people: 1000 |11
chunked pages|transfer=chunked|people: 1000 |5
ROWS
}

digicert_pages()
{
    factory_is "$profile" 'authentication_certificates = *'
    check 'profile: sync' certbridge sync
    everywhere 'profile' factory 401
    rows factory /authentication-certificate <<ROWS
pages with a total|digicert_total=steady|factory: 401 |3
pages without a total|digicert_total=missing|factory: 401 |4
bare arrays|digicert_list=array|factory: 401 |4
an id that comes twice|digicert_list=array churn=add|factory: 400 |4
a total that changes for ever|digicert_total=changing|list of authentication certificates of enrollment profile $PROFILE changed during each of |8
one added between pages|churn=add churn_count=1|factory: 401 |5
two deleted between pages|churn=delete churn_count=2|factory: 399 |4
a smaller largest limit|digicert_max_limit=50|factory: 401 |22
ROWS
}

nevisidm_users
nevisidm_pages
digicert_pages
plan
