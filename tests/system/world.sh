# A whole world for tests of real programs: simulator, configuration, cache, openssl.cnf. Source it; bash.
#
#   world [SIMULATOR OPTIONS]   makes $W with its configuration of two sources, `factory` (DigiCert) and
#                               `people` (nevisIDM), on an own simulator, all gone when the shell ends
#   people_add USER N [OPTIONS] credentials for a user (make-data's options)
#   factory_add [OPTIONS]       authentication certificates for the profile $PROFILE
#   people_is LINE...           a configuration of `people` alone, with these keys (client, users, ...)
#   factory_is LINE...          of `factory` alone (enrollment_profile, ...)
#   pkcs11 ARGS                 pkcs11-tool on the module
#   storeutl ARGS               openssl storeutl
#   age SOURCE SECONDS          makes a snapshot that much older
#   forget                      an empty cache
#   requests                    how many the simulator has answered so far
#
# Each source's further keys come from $FACTORY_KEYS and $PEOPLE_KEYS (set them, then call `configure`).
. "$top_srcdir/tests/tap.sh"
. "$top_srcdir/tests/openssl-cnf.sh"
. "$top_srcdir/tests/simulator/sim.sh"

PROFILE=IOT_c1ac3d12-c2cb-46f0-808e-d0110c280c77
MODULE=$top_builddir/.libs/certbridge-pkcs11.so
MAKE_DATA=$top_builddir/tests/simulator/make-data
export CERTBRIDGE_HELPER=$top_builddir/certbridge
unset SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE CERTBRIDGE_LOG XDG_CONFIG_HOME XDG_CACHE_HOME
# Its leaks are test-simulator.sh's business; looking for them hangs when a test has halted it meanwhile.
export SIM_WRAPPER="env ASAN_OPTIONS=detect_leaks=0"
GLOBAL_KEYS= FACTORY_KEYS= PEOPLE_KEYS=

configure()
{
    cat >"$W/certbridge.conf" <<END
[certbridge]
cache = $W/cache
$GLOBAL_KEYS

[factory]
type = digicert-iot
url = $SIM_URL
ca_file = $SIM_CA
api_key = file:$W/factory.key
enrollment_profile = $PROFILE
authentication_certificates = *
$FACTORY_KEYS

[people]
type = nevisidm
url = $SIM_URL
ca_file = $SIM_CA
client = client-123
users = *
bearer_token = file:$W/people.token
$PEOPLE_KEYS
END
}

alone() # SOURCE TYPE LINE...
{
    local source=$1 type=$2
    shift 2
    {
        printf '[certbridge]\ncache = %s\n[%s]\ntype = %s\n' "$W/cache" "$source" "$type"
        printf 'url = %s\nca_file = %s\n' "$SIM_URL" "$SIM_CA"
        printf '%s\n' "$@"
    } >"$W/certbridge.conf"
}
people_is() { alone people nevisidm "bearer_token = file:$W/people.token" "$@"; }
factory_is() { alone factory digicert-iot "api_key = file:$W/factory.key" "$@"; }

world()
{
    W=$(mktemp -d) || exit 99
    trap 'sim_stop_all; rm -rf "$W"' EXIT
    # A helper that belongs to somebody else (this is root, and the build is not) would be refused.
    [ -O "$CERTBRIDGE_HELPER" ] || { cp "$CERTBRIDGE_HELPER" "$W/certbridge" && CERTBRIDGE_HELPER=$W/certbridge; }
    sim_data "$W" && mkdir "$W/keys" || exit 99
    sim_start "$W" "$@" || exit 99
    umask 022
    (umask 077 && echo test-api-key >"$W/factory.key" && echo test-token >"$W/people.token")
    configure
    openssl_cnf "$W/certbridge.conf" >"$W/openssl.cnf"
    export CERTBRIDGE_CONF=$W/certbridge.conf
}

people_add() # USER N [OPTIONS]
{
    local user=$1 n=$2
    shift 2
    "$MAKE_DATA" nevisidm "$W/data" client-123 "$user" --count "$n" --pki "$W/pki" --keys "$W/keys" "$@"
}

factory_add() { "$MAKE_DATA" digicert "$W/data" "$PROFILE" "$@"; }

# $CB_OWN and $CB_HOST stand before our program and before foreign ones: valgrind, or what loads a sanitizer.
certbridge() { ${CB_OWN:-} "$top_builddir/certbridge" "$@"; }
pkcs11() { ${CB_HOST:-} pkcs11-tool --module "$MODULE" "$@"; }
storeutl() { OPENSSL_CONF=$W/openssl.cnf ${CB_HOST:-} openssl storeutl "$@"; }
age() { touch -d "-$2 seconds" "$W/cache/$1.cdb"; }
forget() { rm -rf "$W/cache"; }
requests() { sim_counters | jq .requests; }

# Waits until a command succeeds, ten seconds at most.
until_true() # COMMAND...
{
    local i
    for ((i = 0; i < 1000; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.01
    done
    return 1
}

# SOURCE: no refresh holds the source's lock, or one does.
idle() { ! fuser -s "$W/cache/$1.lock" 2>/dev/null; }
busy() { ! idle "$1"; }
