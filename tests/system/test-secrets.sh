#!/bin/bash
# Where secrets come from, which are refused, and that the helper has them and nobody else.
set -u
. "$top_srcdir/tests/system/world.sh"
world
people_add user-123 2 >/dev/null
sim_admin reload
token() { # VALUE OF bearer_token
    configure
    sed -i "s|^bearer_token = .*|bearer_token = $1|" "$W/certbridge.conf"
}
list() { pkcs11 --token-label people -O --type cert 2>&1; }
count() { list | grep -c 'Certificate Object'; }
file=$W/people.token

# Rows: name | shell | what sync says
while IFS='|' read -r name change wanted; do
    (umask 077 && rm -f "$file" && echo test-token >"$file")
    eval "$change"
    has "$name" "$(certbridge sync people 2>&1)" "$wanted"
done <<'END'
a file of mode 0600|true|^people: 2 certificates
a file that its group may read|chmod 640 "$file"|^people: 2 certificates
a file that others may read|chmod 604 "$file"|people\.token.*mode 0604.*chmod
a file that others may write|chmod 602 "$file"|people\.token.*mode 0602.*chmod
a symbolic link|mv "$file" "$file.real" && ln -s "$file.real" "$file"|^people: 2 certificates
a link to a file that others may read|chmod 644 "$file.real" && ln -sf "$file.real" "$file"|people\.token.*mode 0644
no file|rm "$file"|people\.token.*No such file
an empty file|: >"$file"|people\.token.*empty
no newline at its end|printf test-token >"$file"|^people: 2 certificates
a line break inside|printf 'test\n-token\n' >"$file"|people\.token
another token|echo weak-token >"$file"|HTTP 403
an unknown one|echo nobodys-token >"$file"|HTTP 401
END
(umask 077 && echo test-token >"$file")

token test-token
refuses 'a literal is refused' 2 certbridge sync people
has 'with what is allowed' "$(certbridge sync people 2>&1)" 'bearer_token.*file:'
lacks 'and not repeated' "$(certbridge sync people 2>&1)" 'test-token'

token 'credential:people'
mkdir "$W/credentials" && echo test-token >"$W/credentials/people"
check "systemd's credentials" env CREDENTIALS_DIRECTORY="$W/credentials" "$top_builddir/certbridge" sync people
has 'outside a unit there are none' "$(certbridge sync people 2>&1)" 'CREDENTIALS_DIRECTORY'

# A variable is handed to the helper when the configuration names it.
token 'env:PEOPLE_TOKEN'
forget
before=$(requests)
has 'a caller without the variable is told so' "$(CERTBRIDGE_LOG=error list)" 'PEOPLE_TOKEN.*certbridge sync'
check 'no helper runs' idle people
same 'nothing was asked' "$(requests)" "$before"
same 'a caller that has it fetches' "$(PEOPLE_TOKEN=test-token count)" 2
same 'and the first one reads' "$(count)" 2
refuses 'sync without the variable fails' 1 certbridge sync people
age people 90000
same 'and makes nobody wait who has it' "$(PEOPLE_TOKEN=test-token count)" 2
kill -STOP "$SIM_PID"
age people 1000
PEOPLE_TOKEN=test-token list >/dev/null
helper=$(fuser "$W/cache/people.lock" 2>/dev/null | tr -d ' ')
arguments=$(tr '\0' ' ' <"/proc/$helper/cmdline")
environment=$(tr '\0' '\n' <"/proc/$helper/environ" | sed 's/=.*//' | sort)
kill -CONT "$SIM_PID"
has 'the helper is our program' "$arguments" "--config $W/certbridge.conf sync --quiet .*people"
lacks 'without a secret in its arguments' "$arguments" test-token
lacks 'and with nothing in its environment but what it needs' "$environment" \
    '^(LD_|OPENSSL_|SSL_CERT_|P11_KIT|.*_proxy|.*_PROXY|top_|OLDPWD)'
has 'which is this' "$environment" '^PEOPLE_TOKEN$'
until_true idle people
lacks 'no file of the cache holds a secret' "$(strings -a "$W"/cache/*)" 'test-token|test-api-key|weak-token|nobodys'
same 'nor did a URL' "$(sim_counters | jq .secrets_in_target)" 0
plan
