# Source it: a world in $dir (removed at the end), and openssl with certbridge and the default provider
# through an openssl.cnf as the manual shows it.
. "${top_srcdir:=.}/tests/tap.sh"
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"' EXIT
top_srcdir=$(cd "$top_srcdir" && pwd)
bash "$top_srcdir/tests/provider/world.sh" "$dir" >&2 || exit 99
cat >"$dir/openssl.cnf" <<EOF
openssl_conf = openssl_init
[openssl_init]
providers = providers
[providers]
default = default_provider
certbridge = certbridge_provider
[default_provider]
activate = 1
[certbridge_provider]
module = $top_builddir/.libs/certbridge.so
config = $dir/certbridge.conf
activate = 1
EOF
cd "$dir/pki" || exit 99
unset CERTBRIDGE_CONF CERTBRIDGE_LOG
export OPENSSL_CONF=$dir/openssl.cnf
