#!/bin/bash
# Servers that refuse, fail, send elsewhere or ask for patience. See bad-world.sh.
set -u
. "$top_srcdir/tests/system/bad-world.sh"
bad_world

refusals()
{
    rows <<ROWS
401||GET https://localhost:[0-9]+/.*: HTTP 401 .*: invalid_api_key!HTTP 401 .*: errors.unauthorized: Authentication|kind=status status=401
403||HTTP 403 .*: access_denied: !HTTP 403 .*: errors.permissionDenied: Permission denied|kind=status status=403
404 of a list||HTTP 404 .*: resource_not_found: !HTTP 404 .*: errors.noRecord: |kind=status status=404
404 of a proxy||HTTP 404|kind=html status=404
the API's own words||HTTP 403 .*: teapot: I am one|kind=status status=403 code=teapot message=I~am~one
409||HTTP 409|kind=status status=409
500||HTTP 500|kind=status status=500
502 with a page of HTML||HTTP 502 .*Bad Gateway|kind=html
503||HTTP 503|kind=status
our secret said back||HTTP 400 .*: \*{12} is bad!HTTP 400 .*: \*{10} is bad|kind=status status=400 message=test-api-key~is~bad match=/iot/;kind=status status=400 message=test-token~is~bad match=/nevisidm/
redirect||HTTP 302|kind=redirect value=https://127.0.0.1:1/other
redirect of the method||HTTP 307|kind=redirect status=307 value=/elsewhere
204||HTTP 204|kind=body status=204 value=
201||HTTP 201|kind=body status=201 value=[]
ROWS
}

# A failure in the middle fails the whole: no certificate disappears.
nothing_partial()
{
    local d=00000000-0000-4000-8000-00000000000
    FACTORY_KEYS='retries = 0' PEOPLE_KEYS='retries = 0' configure
    sed -i "s,^users = .*,users = user-123\ncertificates = cert-0\, cert-1\, cert-2,
        s,^authentication_certificates = .*,authentication_certificates = ${d}0\, ${d}1\, ${d}2," "$W/certbridge.conf"
    sim_admin reset
    sync_both
    same 'by ids' "$(served)" 6
    whole=$(snapshots)
    sim_admin fault kind=status status=500 match=cert-1
    sim_admin fault kind=status status=500 match=${d}1
    sync_both --force
    judge 'one of three fails' 'GET .*1: HTTP 500' 'GET .*1: HTTP 500'
    same 'all three are served' "$(served)" 6
    sim_admin reset
    configure
    sync_both --force
    whole=$(snapshots)
}

redirect()
{
    start_other
    rows <<ROWS
redirect to another host||HTTP 302 from localhost:[0-9]+ .*redirects are not followed: set url|kind=redirect value=$OTHER_URL/nevisidm/api/core/v1/clients/client-123/users
ROWS
    same 'the other host was not asked' "$(cat "$OTHER_LOG")" ''
    same 'nor connected to' "$(curl -sS "$OTHER_ADMIN/_sim/counters" | jq .connections)" 0
}

# A server that asks to be left alone.
retry_after()
{
    local name fault
    FACTORY_KEYS='retries = 0' PEOPLE_KEYS='retries = 0' configure
    while IFS='|' read -r name fault; do
        sim_admin reset
        sim_admin fault kind=status $fault
        sync_both --force
        judge "$name" 'HTTP (429|503)' 'HTTP (429|503)'
        same "$name: asked once each" "$(asked)" 2
        sync_both
        same "$name: the next sync" "$(grep -cE 'asked to be left alone until 20.*--force.*HTTP (429|503)' <<<"$out")" 2
        same "$name: does not ask" "$(asked)" 2
        check "$name: next try" jq -e 'map((.next_try | fromdate) - (.last_try | fromdate)) | min >= 118 and max <= 4000' \
            <<<"$(certbridge status --json)"
        sim_admin clear
        sync_both --force
        same "$name: --force asks" "$status" 0
        whole=$(snapshots)
    done <<ROWS
429, seconds|status=429 retry_after=120
503, seconds|status=503 retry_after=120
503, a date|status=503 retry_after=date:600
429, a month|status=429 retry_after=2592000
ROWS
    FACTORY_KEYS='retries = 3' PEOPLE_KEYS='retries = 3' configure
    sim_admin reset
    sim_admin fault kind=status status=429 retry_after=120
    sync_both --force
    judge 'a wait too long to sleep through' 'HTTP 429' 'HTTP 429'
    same 'ends the try' "$(asked)" 2
    sim_admin reset
    sim_admin fault kind=status status=429 retry_after=2 count=1 match=nevisidm
    sim_admin fault kind=status status=503 retry_after=date:2 count=1 match=iot
    sync_both --force
    same 'short waits are slept through' "$status" 0
    same 'two more requests' "$(asked)" 5
    whole=$(snapshots)
}

refusals
nothing_partial
redirect
retry_after
no_secrets
plan
