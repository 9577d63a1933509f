#!/bin/bash
# Answers that lie, are cut, never end or would not fit into memory. See bad-world.sh.
set -u
. "$top_srcdir/tests/system/bad-world.sh"
bad_world

answers()
{
    rows <<ROWS
truncated||the answer is no JSON .*byte [0-9]+|kind=truncate
truncated to nothing||the answer is no JSON|kind=truncate number=0
HTML with 200||the answer is no JSON \(content type "text/html|kind=html status=200
oversized|max_response = 4KiB|larger than max_response \(4096 bytes\)|kind=pad number=4097
oversized, 16 MiB||larger than max_response \(16777216 bytes\)|kind=pad
one long string||larger than max_response|kind=large
a long string that fits||neither an array nor an object!no array "items"|kind=large number=16000000
oversized, chunked|max_response = 4KiB|larger than max_response \(4096 bytes\)|kind=pad;kind=chunked
deep||nest|kind=deep
a little too deep||nest|kind=deep number=33
16 MiB of empty objects||values|kind=commas number=16000000
not UTF-8||UTF-8|kind=non-utf8
a text instead of a list||array|kind=body value="x"
a number instead of a list||neither an array nor an object!no array "items"|kind=body value=17
null||neither an array nor an object!no array "items"|kind=body value=null
an object instead of a list||neither an array nor an object!no array "items"|kind=body value={"records":{},"items":{}}
a text for the total||member "total" is string!no array "items"|kind=body value={"records":[],"total":"many","items":7}
a token that is an object||neither!continuationToken|kind=body value={"items":[{}],"_pagination":{"continuationToken":{}}}
NaN||the answer is no JSON|kind=body value=[NaN]
users who cannot be read||neither an array!item 1 of the page: has no "extId"|kind=body value={"items":[{},{}]}
two documents||the answer is no JSON|kind=body value={"records":[],"items":[]}{}
ROWS
}

# More than may be in flight at once, all of it wanted.
large_bodies()
{
    local user
    for user in {a..d}; do
        people_add "large-$user" 1 >/dev/null
    done
    sim_admin reset
    sim_admin reload
    sim_admin fault kind=pad number=15000000 match=/certificates?
    people_is 'client = client-123' 'users = *'
    sync_both
    same 'five bodies of 15 MB' "$out" 'people: 7 certificates, 0 passcodes'
    check "at most 384 MiB ($peak kB)" [ "$peak" -le $MOST_KB ]
    sim_admin fault kind=commas number=899000 match=/certificates?
    sync_both --force
    has 'of as many values as may be' "$out" '^people: 0 certificates, 0 passcodes, 1[0-9]{6} left out'
    check "at most 384 MiB too ($peak kB)" [ "$peak" -le $MOST_KB ]
    rm -r "$W"/data/nevisidm/client-123/users/large-*
    sim_admin reset
    sim_admin reload
    configure
    sync_both --force
    whole=$(snapshots)
}

# What a server may do, or cannot help: the answer counts.
harmless()
{
    local name fault
    configure
    while IFS='|' read -r name fault; do
        sim_admin reset
        sim_admin fault $fault
        sync_both
        same "$name" "${out//, unchanged/}" $'factory: 3 certificates, 0 passcodes\npeople: 3 certificates, 0 passcodes'
    done <<ROWS
a byte order mark|kind=bom
a wrong content type|kind=content-type value=text/html
no content type|kind=content-type
chunks|kind=chunked
members that no page names|kind=extra
a member twice|kind=duplicate
an odd header|kind=header name=X-Odd value=odd
blanks behind|kind=pad number=4096
a server that fails once|kind=status status=500 count=1
a connection that is cut once|kind=cut count=1
ROWS
}

answers
large_bodies
harmless
no_secrets
plan
