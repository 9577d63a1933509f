#!/bin/bash
# DigiCert enrollment passcodes: fetched by id and by list, told from certificates everywhere, whole and as masked as they come.
set -u
. "$top_srcdir/tests/system/world.sh"
world
OTHER=IOT_00000000-0000-4000-8000-0000000000aa
codes=$W/data/digicert/$PROFILE/passcode
mkdir -p "$codes" "$W/data/digicert/$OTHER/passcode"

day() { date -u -d "$1 days" +%F; }
now() { date -u -d "$1 hours" +%FT%TZ; }

# The members and the order of the public page. Arguments: name, state, validity_period.
passcode()
{
    printf '{"name":"%s","description":"A passcode we created for the API documentation.",%s' "$1" "${3:+\"validity_period\":$3,}"
    printf '"passcode_length":20,"status":"%s","id":"%s","enrollment_profile":{"id":"%s","name":"SCEP"},' "$2" "$1" "$PROFILE"
    printf '"device_profile":{"id":"d","name":"MyDeviceProfile"},"division":{"id":"v","name":"MyDivision"},"account_id":"a",'
    printf '"passcode":"bGgdO***************","created_at":"2020-08-12T16:42:13Z","number_of_usage":0'
    printf '%s}' "${4:+,\"registered_values\":$4}"
}
add() { passcode "$@" >"$codes/$1.json"; }

values='[{"certificate_field":"common_name","matcher":"equals","value":"Größe \"1\"","multiple":false},{"certificate_field":"organization_units","matcher":"equals","value":["Unit 1","Unit 2"],"multiple":true}]'
add empty ACTIVE '{}'
add absent ACTIVE '' "$values"
from=$(day -1) to=$(day +1) behind=$(day +2)
add days ACTIVE "{\"from\":\"$from\",\"to\":\"$to\"}"
add hours ACTIVE "{\"from\":\"$(now -1)\",\"to\":\"$(now +1)\"}"
add early ACTIVE "{\"from\":\"$(day +2)\"}"
add late ACTIVE "{\"to\":\"$(day -2)\"}"
add over ACTIVE "{\"from\":\"$(now -2)\",\"to\":\"$(now -1)\"}"
add disabled DISABLED '{}'
add deleted DELETED '{}'
passcode elsewhere ACTIVE '{}' >"$W/data/digicert/$OTHER/passcode/elsewhere.json"
echo '{"id":"nameless/1","status":"ACTIVE"}' >"$W/data/digicert/$OTHER/passcode/nameless%2F1.json"
factory_add --count 2 --pki "$W/pki" >/dev/null
sim_admin reload

profile="enrollment_profile = $PROFILE" both="enrollment_profile = $PROFILE, $OTHER"
certificates='authentication_certificates = *' id=00000000-0000-4000-8000-000000000000 # of a certificate
active='absent days empty hours'
all='absent days deleted disabled early empty hours late over'
listed() { certbridge list --json "$@" | jq -r '.[] | select(.kind == "passcode") | .path' | sed 's|.*/||' | sort | xargs; }
in_pkcs11() { pkcs11 -O --type data 2>/dev/null | sed -n "s/^ *label: *'\(.*\)'/\1/p" | sort | xargs; }

# Rows: name | exit status | what sync says | passcodes that --all lists | keys; '~' is a line break
ids()
{
    local name status wanted paths keys out
    while IFS='|' read -r name status wanted paths keys; do
        factory_is "${keys//\~/$'\n'}"
        out=$(certbridge sync --force 2>&1)
        same "$name: exit status" $? "$status"
        has "$name" "$out" "^factory: $wanted"
        same "$name: passcodes" "$(listed --all 2>/dev/null)" "$paths"
    done <<ROWS
ids|0|0 certificates, 2 passcodes$|disabled empty|$profile~passcodes = empty, disabled
all|0|0 certificates, 9 passcodes$|$all|$profile~passcodes = *
all, and certificates|0|2 certificates, 9 passcodes$|$all|$profile~passcodes = *~$certificates
no passcodes|0|2 certificates, 0 passcodes$||$profile~$certificates
neither|0|0 certificates, 0 passcodes$||$profile
an id twice|0|0 certificates, 1 passcodes$|empty|$profile~passcodes = empty, empty
an id of the second of two|0|0 certificates, 2 passcodes$|elsewhere empty|$both~passcodes = empty, elsewhere
all of two|0|0 certificates, 11 passcodes$|absent days deleted disabled early elsewhere empty hours late nameless%2F1 over|$both~passcodes = *
an id that does not exist|1|0 certificates, 1 passcodes, 1 gone|empty|$profile~passcodes = empty, ghost
an id of a certificate|1|1 certificates, 0 passcodes, 1 gone||$profile~${certificates/\*/$id}~passcodes = $id
ROWS
    has 'what is gone is named by its path' "$(certbridge status)" \
        "left out +$PROFILE/passcode/$id: the enrollment profile does not have it"
    factory_is "$both" 'passcodes = *'
    certbridge sync --quiet
    same 'without a name the id is the label' \
        "$(certbridge list --json "certbridge://factory/$OTHER/passcode/nameless%2F1" | jq -r '.[].label')" nameless/1
}

# Rows: name | settings of the simulator | fault | what sync says; '~' is a blank
pages()
{
    local name settings fault wanted
    factory_is "$profile" 'passcodes = *' "$certificates"
    while IFS='|' read -r name settings fault wanted; do
        sim_admin reset
        sim_admin reload
        [ -z "$settings" ] || sim_admin set $settings
        set -- $fault
        [ $# -eq 0 ] || sim_admin fault "${@//\~/ }"
        has "$name" "$(certbridge sync --force 2>&1)" "$wanted"
    done <<ROWS
small pages|digicert_max_limit=2 digicert_default_limit=2||: 2 certificates, 9 passcodes$
bare arrays|digicert_list=array||: 2 certificates, 9 passcodes$
a total that changes for ever|digicert_max_limit=2 digicert_default_limit=2 digicert_total=changing|match=/authentication-certificate kind=body value={"total":0,"records":[]}|list of passcodes of enrollment profile $PROFILE changed during each of 4 walks
certificates walked anew keep the passcodes|digicert_max_limit=2 digicert_default_limit=2|match=/authentication-certificate?offset=0 count=3 kind=body value={"total":5,"records":[]}|: 2 certificates, 9 passcodes$
one deleted between pages|digicert_max_limit=3 digicert_default_limit=3 churn=delete churn_count=1|match=/authentication-certificate kind=body value={"total":0,"records":[]}|: 0 certificates, 8 passcodes$
no state||match=/passcode kind=item-remove id=empty name=status|: 2 certificates, 8 passcodes, 1 left out
a period that is no object||match=/passcode kind=item-member id=empty name=validity_period value="ever"|: 2 certificates, 8 passcodes, 1 left out
an end that is no time||match=/passcode kind=item-member id=days name=validity_period value={"to":"soon"}|: 2 certificates, 8 passcodes, 1 left out
ROWS
    has 'what is left out is named' "$(certbridge status)" \
        "left out +$PROFILE/passcode/days: validity_period/to \"soon\" is no time"
    sim_admin reset
    sim_admin reload
    certbridge sync --quiet
}

shown()
{
    local base="certbridge://factory/$PROFILE/passcode" one
    same 'active ones inside their period' "$(listed)" "$active"
    same 'PKCS#11 shows the same' "$(in_pkcs11)" "$active"
    same '--all shows all' "$(listed --all)" "$all"
    same '?state=DISABLED' "$(listed 'certbridge://factory?state=DISABLED')" disabled
    same 'below the collection' "$(listed "$base")" "$active"
    same 'by label' "$(listed 'certbridge://factory?label=empty')" empty
    has 'not yet' "$(certbridge list --all "$base/early")" 'ACTIVE, not yet'
    has 'ended' "$(certbridge list --all "$base/late")" 'ACTIVE, ended'
    same 'usable' "$(certbridge list --all --json "$base" | jq -r '.[] | select(.usable) | .label' | sort | xargs)" "$active"
    one=$(certbridge list --json "$base/absent")
    same 'kind, path, label, state' "$(jq -r '.[0] | "\(.kind) \(.path) \(.label) \(.state)"' <<<"$one")" \
        "passcode $PROFILE/passcode/absent absent ACTIVE"
    same 'no facts of a certificate' \
        "$(jq -c '.[0] | [.subject, .issuer, .serial, .sha256, .not_before, .not_after]' <<<"$one")" \
        '[null,null,null,null,null,null]'
    same 'and a URI of a data object' "$(jq -r '.[0].pkcs11_uri' <<<"$one")" 'pkcs11:token=factory;object=absent;type=data'
    for one in $all; do
        same "details of $one" "$(certbridge show --all --json "$base/$one" | jq -c '.[0].details')" "$(jq -c . "$codes/$one.json")"
    done
    same 'the window of bare dates' "$(certbridge show --json "$base/days" | jq -r '.[0] | "\(.window_from) \(.window_to)"')" \
        "${from}T00:00:00Z ${behind}T00:00:00Z"
    has 'show for people' "$(certbridge show "$base/absent")" '^  passcode +bGgdO\*{15}$'
}

not_a_certificate()
{
    local base="certbridge://factory/$PROFILE/passcode"
    refuses 'export finds none' 3 certbridge export "$base/empty"
    same 'export of all: certificates' "$(certbridge export certbridge://factory | grep -c BEGIN)" 2
    has 'OpenSSL shows certificates' "$(storeutl -noout certbridge://factory 2>&1)" 'Total found: 2'
    lacks 'and no passcode' "$(storeutl certbridge://factory/"$PROFILE"/passcode 2>&1)" 'BEGIN|bGgdO|Total found: [1-9]'
    same 'PKCS#11 has two certificates' "$(pkcs11 -O --type cert 2>/dev/null | grep -c 'Certificate Object')" 2
}

read_by_pkcs11() # LABEL
{
    pkcs11 --type data --application-label 'certbridge passcode' --label "$1" --read-object 2>/dev/null
}

data_objects()
{
    local one
    same 'the application' "$(pkcs11 -O --type data 2>/dev/null | grep -c "application: *'certbridge passcode'")" 4
    for one in $active; do
        same "value of $one" "$(read_by_pkcs11 "$one" | od -An -tx1)" "$(od -An -tx1 "$codes/$one.json")"
    done
    factory_is "$profile" 'passcodes = absent' "$certificates"
    refuses 'a snapshot of other passcodes is none' 1 certbridge list
    certbridge sync --quiet
    same 'value by the application alone' \
        "$(pkcs11 --type data --application-label 'certbridge passcode' --read-object 2>/dev/null | sha256sum)" \
        "$(sha256sum <"$codes/absent.json")"
    factory_is "$profile" 'passcodes = *' 'states = DISABLED'
    same 'states = DISABLED' "$(certbridge sync --quiet && listed) $(in_pkcs11)" 'disabled disabled'
    factory_is "$profile" 'passcodes = *' 'states = any'
    same 'states = any' "$(listed)" "$all"
    same 'in PKCS#11' "$(in_pkcs11)" "$all"
}

ids
pages
same 'status counts' "$(certbridge status --json | jq -c '.[0] | [.certificates, .passcodes, .left_out, .error]')" '[2,9,[],null]'
has 'for people too' "$(certbridge status)" 'serves +2 certificates, 9 passcodes'
shown
not_a_certificate
data_objects
same 'only GET was sent' "$(sim_counters | jq .non_get)" 0
plan
