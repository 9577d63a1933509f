#!/bin/bash
# Users who may read the cache and not write it; and the same files for root, who gives up its rights. As root.
set -u
[ "$(id -u)" -eq 0 ] || exec sudo env top_srcdir="$top_srcdir" top_builddir="$top_builddir" bash "$0"
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 2 >/dev/null
factory_add --from "$W/pki/root.pem" >/dev/null
sim_admin reload
PEOPLE_KEYS='wait = 5m' configure

# The build tree may lie where only its owner can go.
mkdir "$W/bin" && cp "$top_builddir"/.libs/certbridge{,-pkcs11}.so "$top_builddir/certbridge" "$W/bin"
chmod -R go+rX "$W/bin" && chmod 755 "$W"
sed -i "s|^module = .*|module = $W/bin/certbridge.so|" "$W/openssl.cnf"
as_nobody() { CERTBRIDGE_HELPER=$W/bin/certbridge setpriv --reuid nobody --regid nogroup --clear-groups env HOME=/nonexistent "$@" 2>&1; }
list() { as_nobody pkcs11-tool --module "$W/bin/certbridge-pkcs11.so" --token-label people -O --type cert; }
stored() { as_nobody env OPENSSL_CONF="$W/openssl.cnf" openssl storeutl -certs certbridge://people; }

certbridge sync --quiet
chmod 600 "$W/cache/people.lock"
before=$(requests)
same 'nobody reads what root synced' "$(list | grep -c 'Certificate Object')" 2
has 'through the provider too' "$(stored)" 'Total found: 2'
age people 1000
same 'a stale snapshot is served' "$(list | grep -c 'Certificate Object')" 2
check 'no helper runs' idle people
same 'and nothing was asked' "$(requests)" "$before"
age people 90000
has 'after max_stale an error says who must sync' "$(stored)" \
    "source people: .*older than max_stale.*may not write the cache folder $W/cache: .certbridge sync. must run as user root"
has 'by PKCS#11 as a device error' "$(list)" 'CKR_DEVICE_ERROR'
has 'with the reason in the log' "$(CERTBRIDGE_LOG=error list)" 'must run as user root'
refuses 'nobody cannot sync either' 1 as_nobody "$W/bin/certbridge" sync people
has 'and is told why' "$(as_nobody "$W/bin/certbridge" sync people)" "$W/(cache|people\.token)"

# As root with `owner`: secrets are read as root, all else is done as the owner of the cache.
forget
GLOBAL_KEYS='owner = nobody' configure
chmod 600 "$W"/*.key "$W"/*.token
check 'root syncs for the owner of the cache' certbridge sync
same 'who then owns it' "$(stat -c %U "$W/cache" "$W"/cache/*.cdb "$W"/cache/*.status | sort -u)" nobody
same 'with modes for all to read' "$(stat -c %a "$W/cache" "$W/cache/people.cdb" "$W/cache/people.status" | tr '\n' ' ')" \
    '755 644 644 '
same 'and the lock for the owner alone' "$(stat -c '%U %a' "$W/cache/people.lock")" 'nobody 600'
kill -STOP "$SIM_PID"
"$top_builddir/certbridge" sync --quiet --force people & sync=$!
until_true busy people
users=$(ps -o user= --ppid $sync | sort -u)
kill -CONT "$SIM_PID"
wait $sync
same 'the process that talks to the registry is not root' "$users" nobody
same 'root reads a cache of its owner' "$(pkcs11 --token-label people -O --type cert 2>&1 | grep -c 'Certificate Object')" 2
age people 90000
same 'and starts a refresh for it' "$(pkcs11 --token-label people -O --type cert 2>&1 | grep -c 'Certificate Object')" 2
same 'which still belongs to the owner' "$(stat -c %U "$W/cache/people.cdb")" nobody

forget
GLOBAL_KEYS='group = nogroup' configure
certbridge sync --quiet
same 'a group alone may read' "$(stat -c '%G %a' "$W/cache" "$W/cache/people.cdb" | tr '\n' ' ')" 'nogroup 750 nogroup 640 '
same 'and does' "$(list | grep -c 'Certificate Object')" 2

# A user's own configuration, found in the home folder.
home=$W/home
mkdir -p "$home/.config/certbridge" "$home/.cache"
sed "/^cache =/d; s|file:$W|file:$home|; s/^wait.*//" "$W/certbridge.conf" | grep -v '^group' >"$home/.config/certbridge/certbridge.conf"
cp "$W"/*.key "$W"/*.token "$home"
chown -R nobody "$home" && chmod 711 "$home"
at_home() { as_nobody env -u CERTBRIDGE_CONF HOME="$home" "$@"; }
same "a user's own configuration and cache" \
    "$(at_home pkcs11-tool --module "$W/bin/certbridge-pkcs11.so" --token-label people -O --type cert | grep -c 'Certificate Object')" 2
same 'below the home folder, for the user alone' "$(stat -c '%U %a' "$home/.cache/certbridge" "$home/.cache/certbridge/people.cdb" | tr '\n' ' ')" \
    'nobody 700 nobody 600 '
chmod 644 "$home/people.token"
has 'a secret that others may read is refused' "$(at_home "$W/bin/certbridge" sync people)" 'people\.token.*0644'
plan
