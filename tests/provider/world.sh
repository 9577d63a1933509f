#!/bin/bash
# world.sh FOLDER: certificates with their keys in FOLDER/pki, a configuration and snapshots, as the
# tests of the provider need them. No source may start a refresh; "dead" has no snapshot.
set -eu
dir=$1
bin=${top_builddir:-.}/tests/provider
unset OPENSSL_CONF
mkdir -p "$dir/pki" "$dir/cache"
chmod 700 "$dir" "$dir/cache"
cd "$dir/pki"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# make NAME SUBJECT [options]: a key and a certificate signed by itself or by an issuer (-CA, -CAkey)
make()
{
    local name=$1 subject=$2
    shift 2
    key "$name"
    openssl req -x509 -utf8 -key "$name.key" -subj "$subject" -days 3650 "$@" -out "$name.pem"
}

by() { echo -CA "$1.pem" -CAkey "$1.key"; }
leaf='-addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost'

make root '/O=Example/CN=Example Root'
make issuing '/O=Example/CN=Example Issuing' $(by root)
make server '/O=Example/CN=server' $leaf $(by issuing)
make client '/O=Example/CN=client' $leaf $(by issuing)
make locked '/O=Example/CN=locked' $leaf $(by issuing)
make late '/O=Example/CN=late' $leaf $(by issuing)
make other '/O=Other/CN=Other Root'
make numbered '/O=Other/CN=numbered' $leaf -set_serial 0x8000000000000000000000000000000000000001 $(by other)
make zero '/O=Other/CN=zero' $leaf -set_serial 0 $(by other)

# The same authority as root, with its name spelled in another way: what it signs has an issuer that
# equals root's subject as X509_NAME_cmp sees it, but not byte for byte.
openssl req -x509 -key root.key -subj '/O=EXAMPLE/CN=example  ROOT' -days 3650 -out respelled.pem
cp root.key respelled.key
make cousin '/O=Example/CN=cousin' $leaf $(by respelled)

for name in server client locked late; do cat $name.pem issuing.pem root.pem >$name.chain; done
cat numbered.pem other.pem >numbered.chain

# section NAME TYPE KEYS...: a section; nobody ever connects or asks for its secret
section()
{
    local name=$1 type=$2
    shift 2
    printf '[%s]\ntype = %s\nurl = https://idm.example.com\nstart_refresh = no\n' "$name" "$type"
    printf '%s\n' "$@"
}

nevisidm() { section "$1" nevisidm "client = $1" 'users = *' 'bearer_token = env:NOBODY_ASKS'; }

{
    printf '[certbridge]\ncache = %s\nrefresh = 30d\nmax_stale = 60d\nwait = 1s\n' "$dir/cache"
    nevisidm people
    nevisidm anchors
    section factory digicert-iot 'enrollment_profile = IOT_1' 'authentication_certificates = *' \
        'api_key = env:NOBODY_ASKS' 'states = any'
    nevisidm system
    nevisidm dead
} >"$dir/certbridge.conf"
chmod 600 "$dir/certbridge.conf"

snapshot() { "$bin/make-snapshot" "$dir/certbridge.conf" "$1"; }
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }

{
    row user-1/c1 server active - - server.chain
    row user-1/c2 locked disabled - - locked.chain
    row user-1/c3 late active - 1000000000 late.chain
    row user-10/c1 client active - - client.chain
    row user-2/c1 'a label / with %' active - - numbered.chain
    row user-2/c2 zero active - - zero.pem
    row user-2/c3 cousin active - - cousin.pem
} | snapshot people
{
    row ca/root root active - - root.pem
    row ca/other other disabled - - other.pem
    row ca/issuing issuing active - - issuing.pem
    row twin twin active - - late.pem
} | snapshot anchors
{
    row IOT_1/certificate device ACTIVE - - client.chain
    row IOT_1/revoked root REVOKED - - root.pem
    row IOT_1/passcode/p1 p1 ACTIVE - - -
} | snapshot factory
# Every authority that the system trusts; label and path are its number in the bundle.
awk '/BEGIN CERT/ { n++ } { print > sprintf("system-%03d.pem", n) }' /etc/ssl/certs/ca-certificates.crt
for file in system-*.pem; do row "ca/${file%.pem}" "${file%.pem}" active - - $file; done | snapshot system
