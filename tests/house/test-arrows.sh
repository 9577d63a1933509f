#!/bin/bash
# The include arrows of docs/architecture.md, "Layers".
set -u
. "${top_srcdir:=.}/tests/tap.sh"
cd "$top_srcdir" || exit 99

includes() # FOLDER [find options]: what its files include, with the file's name
{
    local dir=$1
    shift
    find "$dir" "$@" -name '*.[ch]' -exec grep -HE '^[[:space:]]*#[[:space:]]*include' {} +
}

# no_include NAME PATTERN FOLDER [find options]
no_include()
{
    local name=$1 pattern=$2
    shift 2
    lacks "$name" "$(includes "$@")" "$pattern"
}

no_include 'common/ includes neither half, nor libcrypto, curl, json-c, PKCS#11' \
    'include[[:space:]]*["<](common/fetch|common/sources/.*\.c|provider|pkcs11|cli|tests|openssl|curl|json-c|p11-kit|microhttpd)' \
    common -maxdepth 1
no_include 'common/ opens no connection' 'include[[:space:]]*<(sys/socket|netdb|netinet)' \
    common -maxdepth 1
no_include 'common/ does no name service look-ups' 'include[[:space:]]*<(pwd|grp)\.h>' common -maxdepth 1
no_include 'sources/ do no I/O and know of fetch/ only the readers and the plan' \
    'include[[:space:]]*(<(curl|openssl|json-c|sys/socket|stdio|unistd|fcntl)|"(provider|pkcs11|cli|common/fetch/(http|sync|snapshot-write|privileges|secret\.h)))' \
    common/sources
no_include 'fetch/ knows no face' 'include[[:space:]]*["<](provider|pkcs11|cli|p11-kit)' common/fetch
no_include 'provider/ uses common/ and libcrypto' \
    'include[[:space:]]*["<](common/fetch|pkcs11|cli|curl|json-c|p11-kit|openssl/ssl)' provider
no_include 'pkcs11/ uses common/ and the Cryptoki header' \
    'include[[:space:]]*["<](common/fetch|provider|cli|curl|json-c|openssl)' pkcs11
no_include 'cli/ knows no face' 'include[[:space:]]*["<](provider|pkcs11|p11-kit|curl)' cli

calls='\b(getpw(nam|uid|ent)(_r)?|getgr(nam|gid)(_r)?|getaddrinfo|gethostbyname|socket|connect|localtime(_r)?|gmtime(_r)?|mktime|tzset|system|popen)[[:space:]]*\('
lacks 'the read half calls nothing that opens sockets, starts shells or reads TZ' \
    "$(find common provider pkcs11 -maxdepth 1 -name '*.c' -exec grep -HEn "$calls" {} + | grep -vE ':[0-9]+:[[:space:]]*(/?\*|//)')" "$calls"
plan
