#!/bin/bash
# Every header compiles alone.
set -u
. "${top_srcdir:=.}/tests/tap.sh"
cd "$top_srcdir" || exit 99
cflags=$(pkg-config --cflags p11-kit-1 json-c libcrypto)
for header in $(find common provider pkcs11 cli -name '*.h' ! -path common/sources/list.h | sort); do
    # shellcheck disable=SC2086
    check "$header" ${CC:-cc} -std=c11 -D_GNU_SOURCE -I. $cflags -fsyntax-only -Wall -Wextra -Werror -include "$header" -x c /dev/null
done
plan
