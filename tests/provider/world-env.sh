# Source it: a world in $dir (removed at the end), and openssl with certbridge and the default provider
# through an openssl.cnf as the manual shows it.
. "${top_srcdir:=.}/tests/tap.sh"
. "$top_srcdir/tests/openssl-cnf.sh"
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$dir"' EXIT
top_srcdir=$(cd "$top_srcdir" && pwd)
bash "$top_srcdir/tests/provider/world.sh" "$dir" >&2 || exit 99
openssl_cnf "$dir/certbridge.conf" >"$dir/openssl.cnf"
cd "$dir/pki" || exit 99
unset CERTBRIDGE_CONF CERTBRIDGE_LOG
export OPENSSL_CONF=$dir/openssl.cnf
