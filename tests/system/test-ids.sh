#!/bin/bash
# Which credentials are fetched and shown: configured ids, odd ids, ids that do not exist, profiles, states.
set -u
. "$top_srcdir/tests/system/world.sh"
world
OTHER=IOT_00000000-0000-4000-8000-0000000000aa
UNKNOWN=IOT_00000000-0000-4000-8000-0000000000ff
id() { printf '00000000-0000-4000-8000-%012x' "$1"; }

odd_users=('a b' 'x/y' 'p%q' 'ü' '..x' 'a?b' 'a#b' 'a+b' 'a&b=c' 'a;b')
odd_ids=('c d' '/' '%41' 'é' '.' '..' '...' '?' '#' '+' '%' ':@!$' 'certificates')
for user in "${odd_users[@]}"; do
    "$MAKE_DATA" nevisidm "$W/data" 'odd/client' "$user" --count 1 --pki "$W/pki" >/dev/null
done
for id in "${odd_ids[@]}"; do
    "$MAKE_DATA" nevisidm "$W/data" 'odd/client' 'a b' --count 1 --id "$id" --pki "$W/pki" >/dev/null
done
"$MAKE_DATA" nevisidm "$W/data" states u1 --count 8 --states --pki "$W/pki" >/dev/null
"$MAKE_DATA" nevisidm "$W/data" dots .. --count 1 --pki "$W/pki" >/dev/null
"$MAKE_DATA" nevisidm "$W/data" dots u1 --count 1 --pki "$W/pki" >/dev/null
people_add u1 8 --vary >/dev/null
people_add u2 1 --first 7 >/dev/null
factory_add --count 3 --pki "$W/pki" --states >/dev/null
"$MAKE_DATA" digicert "$W/data" "$OTHER" --count 3 --first 2 --pki "$W/pki" >/dev/null
sim_admin reload

# Rows: name | exit status | words of sync | settings of the simulator | keys of the source; '~' is a line break
rows() # SOURCE
{
    local name status wanted settings keys out
    while IFS='|' read -r name status wanted settings keys; do
        sim_admin reset
        [ -z "$settings" ] || sim_admin set $settings
        "$1_is" "${keys//\~/$'\n'}"
        out=$(certbridge sync --force 2>&1)
        same "$name: exit status" $? "$status"
        has "$name" "$out" "$wanted"
    done
}

nevisidm_ids()
{
    local client='client = client-123'
    rows people <<ROWS
configured ids|0|: 3 certificates, 0 passcodes$||$client~users = u1~certificates = cert-0, 1001, cert-3
an id twice|0|: 1 certificates, 0 passcodes$||$client~users = u1~certificates = cert-0, cert-0
an id beside all|2|"\*" means all and stands alone||$client~users = u1~certificates = cert-0, *
an id that one of two users has|0|: 1 certificates, 0 passcodes$||$client~users = u1, u2~certificates = cert-0
an id of all users|0|: 1 certificates, 0 passcodes$||$client~users = *~certificates = cert-0
an id that does not exist|1|: 1 certificates, 0 passcodes, 1 gone; .certbridge status. says why||$client~users = u1~certificates = cert-0, gone
a user who does not exist|1|: 8 certificates, 0 passcodes, 1 gone||$client~users = u1, ghost
a user who does not exist, ids|1|: 1 certificates, 0 passcodes, 1 gone||$client~users = u1, ghost~certificates = cert-0
everything gone|1|: 0 certificates, 0 passcodes, 1 gone||$client~users = ghost
a client that does not exist|1|source people: .*HTTP 404 .*Client not found||client = klient~users = *
ROWS
}

gone_is_reported()
{
    sim_admin reset
    people_is 'client = client-123' 'users = u1, ghost' 'certificates = cert-0, no/such'
    refuses 'ids and users that do not exist' 1 certbridge sync
    same 'each is named once' "$(certbridge status --json | jq -r '.[0].left_out[].path' | sort | xargs)" 'ghost no%2Fsuch'
    has 'in the text of status too' "$(certbridge status)" 'left out +ghost: the API does not have this user: User not found'
    has 'and the id' "$(certbridge status)" 'no%2Fsuch: no user has it'
    check 'the rest is served' certbridge status
    same 'and listed' "$(certbridge list --json | jq -r '.[].path')" u1/cert-0
}

digicert_ids()
{
    local profile="enrollment_profile = $PROFILE" both="enrollment_profile = $PROFILE, $OTHER"
    local ids='authentication_certificates ='
    rows factory <<ROWS
ids|0|: 2 certificates, 0 passcodes$||$profile~$ids $(id 0), $(id 2)
all of a profile|0|: 3 certificates, 0 passcodes$||$profile~$ids *
all of two profiles|0|: 6 certificates, 0 passcodes$||$both~$ids *
an id of the first of two|0|: 1 certificates, 0 passcodes$||$both~$ids $(id 0)
an id of the second of two|0|: 1 certificates, 0 passcodes$||$both~$ids $(id 4)
an id that both have|0|: 2 certificates, 0 passcodes$||$both~$ids $(id 2)
an id twice|0|: 1 certificates, 0 passcodes$||$profile~$ids $(id 0), $(id 0)
an id beside all|2|"\*" means all and stands alone||$profile~$ids *, $(id 0)
an id of no profile|1|: 1 certificates, 0 passcodes, 1 gone||$both~$ids $(id 4), $(id 9)
another word for it|1|: 1 certificates, 0 passcodes, 1 gone|digicert_missing=entity_not_found|$profile~$ids $(id 0), $(id 9)
in another wrapping|1|: 1 certificates, 0 passcodes, 1 gone|error_wrapper=error|$profile~$ids $(id 0), $(id 9)
an unknown profile|1|source factory: .*HTTP 400 .*invalid_input: Enrollment profile with id $UNKNOWN does not exist||enrollment_profile = $UNKNOWN~$ids $(id 0)
an unknown profile, all|1|source factory: .*HTTP 400 .*invalid_input: Enrollment profile with id $UNKNOWN does not exist||enrollment_profile = $UNKNOWN~$ids *
an unknown profile beside a known one|1|source factory: .*HTTP 400 .*$UNKNOWN does not exist||enrollment_profile = $PROFILE, $UNKNOWN~$ids *
another wrapping|1|source factory: .*HTTP 400 .*invalid_input: Enrollment profile|error_wrapper=error|enrollment_profile = $UNKNOWN~$ids *
ROWS
    sim_admin reset
    factory_is "$both" "$ids $(id 9)"
    refuses 'an id of no profile' 1 certbridge sync
    has 'is named in status' "$(certbridge status)" "left out +$(id 9): no enrollment profile has it"
}

# Whatever an id is made of, its path leads to it in every face.
odd_ids()
{
    local uri path all=0 found=0 in_pkcs11
    sim_admin reset
    people_is 'client = odd/client' 'users = *'
    same 'odd ids' "$(certbridge sync)" "people: $((${#odd_users[@]} + ${#odd_ids[@]})) certificates, 0 passcodes"
    in_pkcs11=$(pkcs11 -O --type cert 2>/dev/null)
    while read -r uri path; do
        all=$((all + 1))
        [ "$(certbridge export "$uri?part=leaf" | grep -c BEGIN)" -eq 1 ] &&
            storeutl -noout -certs "$uri" 2>&1 | grep -q 'Total found: 1' && found=$((found + 1))
    done < <(certbridge list --json | jq -r '.[] | "\(.uri) \(.path)"')
    same 'each URI leads to one certificate' "$found" "$all"
    same 'PKCS#11 has them all' "$(grep -c 'Certificate Object' <<<"$in_pkcs11")" "$all"
    same 'paths' "$(certbridge list --json certbridge://people/a%20b | jq -r '.[].path' | sort | LC_ALL=C sort | xargs)" \
        'a%20b/%23 a%20b/%25 a%20b/%2541 a%20b/%2B a%20b/%2F a%20b/%3A%40%21%24 a%20b/%3F a%20b/%C3%A9 a%20b/. a%20b/.. a%20b/... a%20b/c%20d a%20b/cert-0 a%20b/certificates'
    people_is 'client = odd/client' 'users = x/y, p%25q, a#b' 'certificates = cert-0'
    same 'odd users by name' "$(certbridge sync)" 'people: 3 certificates, 0 passcodes'
    people_is 'client = odd/client' 'users = a b' 'certificates = c d, /, %2541, é, ?, :@!$, ...'
    same 'odd ids by name' "$(certbridge sync)" 'people: 7 certificates, 0 passcodes'
    people_is 'client = client-123' 'users = u1' 'certificates = 1001'
    same 'an id that is a number' "$(certbridge sync && certbridge list --json certbridge://people/u1/1001 | jq -r '.[].path')" \
        $'people: 1 certificates, 0 passcodes\nu1/1001'
    people_is 'client = dots' 'users = *'
    has 'a user called .. is left out' "$(certbridge sync)" '1 certificates, 0 passcodes, 1 left out'
    has 'with the reason' "$(certbridge status)" 'left out +\.\.: a user of this name cannot be asked for by URL'
}

prefix()
{
    people_is 'client = client-123' 'users = u1'
    sed -i "s|^url = .*|url = $SIM_URL/gate%20way/|" "$W/certbridge.conf"
    has 'a url with a path: what nobody serves' "$(certbridge sync 2>&1)" 'HTTP 404'
    has 'the API'"'"'s path is appended' "$(sim_log)" \
        'target=/gate%20way/nevisidm/api/core/v1/client-123/users/u1/certificates\?limit='
}

# Rows: keys of the source | URI | options | states that are listed
states()
{
    local keys uri options wanted
    local all='active admin-changed archived disabled fail-locked initial reset-code tmp-locked'
    local unlocked='active admin-changed reset-code'
    sim_admin reset
    while IFS='|' read -r keys uri options wanted; do
        people_is 'client = states' 'users = u1' "$keys"
        certbridge sync --quiet
        same "states: ${keys:-default} $uri $options" \
            "$(certbridge list --json $options $uri | jq -r '.[].state' | sort | xargs)" "$wanted"
        [ -n "$options" ] && continue
        same 'OpenSSL' "$(storeutl -noout -certs "${uri:-certbridge://people}" 2>&1 | grep -c '^[0-9]*: Certificate')" "$(wc -w <<<"$wanted")"
        [ -n "$uri" ] && continue
        same 'PKCS#11' "$(pkcs11 -O --type cert 2>/dev/null | grep -c 'Certificate Object')" "$(wc -w <<<"$wanted")"
    done <<ROWS
|||active
||--all|$all
states = any|||$all
states = active, reset-code, admin-changed|||$unlocked
states = active, reset-code, admin-changed||--all|$all
states = archived|||archived
|certbridge://people?state=any||$all
$(for s in $all; do echo "|certbridge://people?state=$s||$s"; done)
states = archived|certbridge://people?state=active||active
ROWS
    people_is 'client = states' 'users = u1' 'states = closed'
    refuses 'a state of no such API' 2 certbridge list
    has 'is named with what is allowed' "$(certbridge list 2>&1)" 'closed.*(initial|active)'
    factory_is "enrollment_profile = $PROFILE" 'authentication_certificates = *' 'states = DISABLED'
    certbridge sync --quiet
    same 'DigiCert: states' "$(certbridge list --json | jq -r '.[].state')" DISABLED
    same 'DigiCert: --all' "$(certbridge list --all --json | jq -r '.[].state' | sort | xargs)" 'ACTIVE DELETED DISABLED'
}

nevisidm_ids
gone_is_reported
digicert_ids
odd_ids
prefix
states
plan
