#!/bin/bash
# What the two modules export, and what they are linked with.
set -u
. "${top_srcdir:=.}/tests/tap.sh"
provider=$top_builddir/.libs/certbridge.so
module=$top_builddir/.libs/certbridge-pkcs11.so

exported() { nm -D --defined-only "$1" | awk '$2 ~ /[TDBRVW]/ { print $3 }' | grep -vE '^(_init|_fini|__asan|__ubsan|__tsan)' | sort | tr '\n' ' '; }
needed() { readelf -d "$1" | awk '/NEEDED/ { print $NF }' | tr -d '[]' | grep -vE '^(libasan|libubsan|libtsan|libclang_rt)' | sort | tr '\n' ' '; }

same 'the provider exports its entry point only' "$(exported "$provider")" 'OSSL_provider_init '
case $(exported "$module") in
'C_GetFunctionList ' | 'C_GetFunctionList C_GetInterface C_GetInterfaceList ') tap_result 0 'the PKCS#11 module exports its entry points only' ;;
*) same 'the PKCS#11 module exports its entry points only' "$(exported "$module")" 'C_GetFunctionList ' ;;
esac
lacks 'the provider is not linked with curl, json-c or libssl' "$(needed "$provider")" 'curl|json|libssl'
same 'the PKCS#11 module needs libc and tinycdb only' "$(needed "$module")" 'libc.so.6 libcdb.so.1 '
for so in "$provider" "$module"; do
    has "${so##*/} stays mapped after dlclose" "$(readelf -d "$so")" 'NODELETE'
done
plan
