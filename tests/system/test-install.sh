#!/bin/bash
# What `make install` installs, and that it works from there: by path, and as p11-kit finds it.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 2 >/dev/null
sim_admin reload
dest=$W/dest
unset MAKEFLAGS MFLAGS MAKELEVEL
in_tree() { make -s -C "$top_builddir" DESTDIR="$dest" "$@"; }
folder() { in_tree --no-print-directory --eval "print-folder: ; @echo \$($1)" print-folder; } # VARIABLE of the Makefile
files() { (cd "$dest" && find . ! -type d | sed 's/^\.//' | sort); }

check 'make install' in_tree install
same 'every file in its place, and no other' "$(files | grep -v "^$(folder mandir)/")" "$(printf '%s\n' \
    "$(folder bindir)/certbridge" "$(folder includedir)/certbridge-pkcs11.h" "$(folder ossl_modulesdir)/certbridge.so" \
    "$(folder p11_moduledir)/certbridge-pkcs11.so" "$(folder p11_configdir)/certbridge.module" | sort)"
same 'files are for all to read' "$(find "$dest" -type f ! -perm -444)" ''
own=$(folder p11_moduledir)
wanted=$own/certbridge-pkcs11.so
[ "$own" != "$(pkg-config --variable=p11_module_path p11-kit-1)" ] || wanted=certbridge-pkcs11.so
has 'the .module file names the module' "$(cat "$dest$(folder p11_configdir)/certbridge.module")" "^module: $wanted\$"
printf '#include <p11-kit/pkcs11.h>\n#include <certbridge-pkcs11.h>\n' >"$W/include.c"
# shellcheck disable=SC2046
check 'the header compiles' cc -fsyntax-only -I"$dest$(folder includedir)" $(pkg-config --cflags p11-kit-1) "$W/include.c"

# From there, by path.
program=$dest$(folder bindir)/certbridge
module=$dest$own/certbridge-pkcs11.so
export CERTBRIDGE_HELPER=$program
sed -i "s|^module = .*|module = $dest$(folder ossl_modulesdir)/certbridge.so|" "$W/openssl.cnf"
PEOPLE_KEYS='wait = 5m' configure
has 'the program' "$("$program" --version)" '^certbridge [0-9]'
same 'pkcs11-tool, the helper fetches' "$(pkcs11-tool --module "$module" --token-label people -O --type cert 2>&1 | grep -c 'Certificate Object')" 2
has 'openssl.cnf with its path' "$(storeutl -certs certbridge://people 2>&1)" '^Total found: 2$'
has 'openssl with -provider-path' "$(OPENSSL_CONF=/dev/null openssl storeutl -provider-path "$dest$(folder ossl_modulesdir)" \
    -provider certbridge -provider default -certs certbridge://people 2>&1)" '^Total found: 2$'

# p11-kit reads a user's modules unless that is root.
home=$W/home
mkdir -p "$home/.config/pkcs11/modules"
echo "module: $module" >"$home/.config/pkcs11/modules/certbridge.module"
chmod 755 "$W"
as_user() { env HOME="$home" "$@" 2>&1; }
if [ "$(id -u)" -eq 0 ]; then
    as_user() { setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$home" "$@" 2>&1; }
fi
listed=$(as_user p11-kit list-modules)
has 'p11-kit list-modules' "$listed" '^certbridge: '
has 'with a token for each source' "$listed" 'token: people$'
has 'and its maker' "$listed" 'manufacturer: Nevis$'
has 'p11tool without --provider' "$(as_user p11tool --batch --list-token-urls)" '^pkcs11:model=nevisidm;manufacturer=Nevis;.*token=people$'
same 'and its certificates' "$(as_user p11tool --batch --only-urls --list-all-certs 'pkcs11:token=people' | grep -c '^pkcs11:')" 2

check 'make uninstall' in_tree uninstall
same 'leaves nothing' "$(files)" ''
plan
