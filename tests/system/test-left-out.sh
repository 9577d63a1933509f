#!/bin/bash
# One bad credential never costs the others: it is left out, or reported and served, and status says why.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 5 >/dev/null
factory_add --count 5 --pki "$W/pki" >/dev/null
sim_admin reload
FACTORY_ID=00000000-0000-4000-8000-000000000002
PEOPLE_ID=cert-2
FACTORY_PATH=$PROFILE/$FACTORY_ID
PEOPLE_PATH=user-123/$PEOPLE_ID
OTHER_SHA256=$(openssl x509 -in "$W/pki/root.pem" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g')
OTHER_SHA1=$(openssl x509 -in "$W/pki/root.pem" -noout -fingerprint -sha1 | sed 's/.*=//')
OTHER_PEM=$(jq -Rs . "$W/pki/root.pem")

# NAME SOURCE LIST PATH REASON NUMBER: what status says and what the faces show.
judge()
{
    local name=$1 source=$2 list=$3 path=$4 reason=$5 number=$6 status
    status=$(certbridge status --json | jq ".[] | select(.source == \"$source\")")
    same "$name: $list" "$(jq -r ".$list[].path" <<<"$status")" "$path"
    has "$name: why" "$(jq -r ".$list[].reason" <<<"$status")" "$reason"
    same "$name: no error" "$(jq -r .error <<<"$status")" null
    same "$name: list" "$(certbridge list --json "certbridge://$source" | jq length)" "$number"
    same "$name: OpenSSL" "$(storeutl -noout -certs "certbridge://$source" 2>&1 | grep -c '^[0-9]*: Certificate')" "$number"
    same "$name: PKCS#11" "$(pkcs11 --token-label "$source" -O --type cert 2>/dev/null | grep -c 'Certificate Object')" "$number"
}

# Rows: name | source or both | left_out or reported | reason | fault, a parameter a word, '~' is a blank
rows()
{
    local name sources list reason fault source out id path
    while IFS='|' read -r name sources list reason fault; do
        [ "$sources" = both ] && sources='factory people'
        for source in $sources; do
            id=${source^^}_ID path=${source^^}_PATH
            sim_admin clear
            set -- $fault
            sim_admin fault "id=${!id}" "${@//\~/ }"
            out=$(certbridge sync --force "$source" 2>&1)
            same "$source, $name: exit status" $? 0
            if [ "$list" = left_out ]; then
                has "$source, $name" "$out" "^$source: 4 certificates, 0 passcodes, 1 left out; .certbridge status. says why$"
                judge "$source, $name" "$source" left_out "${!path}" "$reason" 4
            else
                has "$source, $name" "$out" "^$source: 5 certificates, 0 passcodes, 1 reported; .certbridge status. says why$"
                judge "$source, $name" "$source" reported "${!path}" "$reason" 5
            fi
        done
    done
}

rows <<ROWS
a damaged certificate|both|left_out|certificate|kind=item-certificate
no PEM at all|people|left_out|the base64 text is cut short|kind=item-member name=certificate value="hello~world"
no PEM at all|factory|left_out|the base64 text is cut short|kind=item-member name=pem value="hello~world"
a number for a certificate|people|left_out|"certificate" is|kind=item-member name=certificate value=17
an object for a certificate|factory|left_out|"pem" is|kind=item-member name=pem value={}
an empty certificate|people|left_out|has no "certificate"|kind=item-member name=certificate value=""
no certificate|people|left_out|has no "certificate"|kind=item-remove name=certificate
no certificate|factory|left_out|there is no certificate|kind=item-remove name=pem
a null certificate|factory|left_out|there is no certificate|kind=item-member name=pem value=null
a private key for a certificate|people|left_out|certificate|kind=item-member name=certificate value=$(jq -Rs . "$W/pki/root.key" | tr ' ' '~')
the digest of another|factory|left_out|the API's digest "$OTHER_SHA256" is not the certificate's, which is [0-9a-f]{64}|kind=item-digest value="$OTHER_SHA256"
the digest of another|people|left_out|the API's digest "$OTHER_SHA1" is not the certificate's|kind=item-digest value="$OTHER_SHA1"
another digit in the digest|both|left_out|the API's digest .* is not the certificate's|kind=item-digest
another certificate under the digest|people|left_out|the API's digest .* is not the certificate's|kind=item-member name=certificate value=${OTHER_PEM// /\~}
another certificate under the digest|factory|left_out|the API's digest .* is not the certificate's|kind=item-member name=pem value=${OTHER_PEM// /\~}
a digest of no known length|both|reported|the API's digest "abcd" is neither SHA-1 nor SHA-256|kind=item-digest value="abcd"
a wrong serial number|both|reported|the API's serial number "[0-9a-fA-F]+" is not the certificate's|kind=item-serial
a serial number that is text|people|reported|the API's serial number "none" is not|kind=item-serial value="none"
a wrong expiry|factory|reported|the API's expiry .* is not the certificate's, which is 20|kind=item-expiry
an expiry that is no time|factory|reported|the API's expiry "soon" is not|kind=item-expiry value="soon"
a wrong key identifier|people|reported|the API's key identifier .* is not the certificate's|kind=item-key-id
no state|people|left_out|has no "stateName"|kind=item-remove name=stateName
a validity that is no time|people|left_out|validity/from "yesterday" is no time|kind=item-member name=validity value={"from":"yesterday"}
a start that is no date|factory|left_out|start_date "yesterday" is no|kind=item-member name=start_date value="yesterday"
a state that is a number|people|left_out|stateName|kind=item-member name=stateName value=3
ROWS

# Two at once, and then all is well again.
sim_admin clear
sim_admin fault kind=item-certificate id=cert-0
sim_admin fault kind=item-digest id=cert-1
sim_admin fault kind=item-serial id=cert-3
has 'several: counted' "$(certbridge sync --force people)" '^people: 3 certificates, 0 passcodes, 2 left out, 1 reported'
has 'named in the text of status' "$(certbridge status)" 'left out +user-123/cert-0: '
has 'one below the other' "$(certbridge status)" '^ +user-123/cert-1: the API.s digest'
has 'with what is reported' "$(certbridge status)" 'reported +user-123/cert-3: the API.s serial number'
sim_admin clear
sim_admin fault kind=item-member id=cert-2 name=userExtId 'value="user-999"'
has "another user's: left out" "$(certbridge sync --force people)" '^people: 4 certificates, 0 passcodes, 1 left out'
has "another user's: why" "$(certbridge status)" 'left out +user-123: .*belongs to another user, "user-999"'
sim_admin clear
same 'mended' "$(certbridge sync people)" 'people: 5 certificates, 0 passcodes'
same 'status forgets' "$(certbridge status --json | jq -c '.[1] | [.left_out, .reported]')" '[[],[]]'
plan
