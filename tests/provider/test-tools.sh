#!/bin/bash
# The openssl program with certbridge: URIs: listing, searching, reading, verifying, and what it says
# and returns when something is wrong.
set -u
. "${top_srcdir:=.}/tests/provider/world-env.sh"

pem() { sed -n '/^-----BEGIN/,/^-----END/p'; }
util() { openssl storeutl "$@" 2>&1; }
total() { util -noout "$@" | sed -n 's/^Total found: //p'; }
fingerprint() { openssl x509 -in "$1" -noout -fingerprint "$2" | sed 's/.*=//'; }
serial() { openssl x509 -in "$1" -noout -serial | sed 's/.*=/0x/'; }

# storeutl: everything, and the four searches
same 'a list of sources' "$(util -noout certbridge:// | grep -c 'Name: certbridge://')" 5
has 'each with its type and address' "$(util -noout certbridge://)" '^nevisidm, https://idm.example.com$'
same 'leaf first, then its chain' "$(util certbridge://people/user-1 | pem)" "$(cat server.pem issuing.pem root.pem)"
same '-certs' "$(total -certs certbridge://people)" 8
same '-keys finds none' "$(total -keys certbridge://people)" 0
same '-crls finds none' "$(total -crls certbridge://people)" 0
same '-r goes into every source' "$(total -r -certs certbridge:// | tail -n 1)" 5
same '-subject' "$(util -certs -subject '/O=Example/CN=Example Root' certbridge://anchors | pem)" "$(cat root.pem)"
same '-subject, spelled otherwise' "$(util -subject '/O=EXAMPLE/CN= example   root ' certbridge://anchors | pem)" "$(cat root.pem)"
same '-subject of nobody' "$(total -subject '/CN=nobody' certbridge://anchors)" 0
same '-issuer and -serial' "$(util -issuer '/O=Example/CN=Example Issuing' -serial "$(serial server.pem)" certbridge://people | pem)" "$(cat server.pem)"
same '-issuer, spelled otherwise' "$(util -issuer '/O=EXAMPLE/CN= example  issuing' -serial "$(serial server.pem)" certbridge://people | pem)" "$(cat server.pem)"
for digest in sha1 sha256 sha512; do
    same "-fingerprint with $digest" "$(util -$digest -fingerprint "$(fingerprint client.pem -$digest)" certbridge://people | pem)" "$(cat client.pem)"
done
same '-alias with a label' "$(util -alias client certbridge://people | pem)" "$(cat client.pem)"
same '-alias with a path' "$(util -alias user-10/c1 certbridge://people | pem)" "$(cat client.pem)"

# Whether it worked is the exit status.
check 'a good list ends with 0' openssl storeutl -noout certbridge://people
refuses 'an unavailable source ends with 1' 1 openssl storeutl -noout certbridge://dead
refuses 'with -certs too' 1 openssl storeutl -noout -certs certbridge://dead
refuses 'an unknown source ends with 1' 1 openssl storeutl -noout certbridge://nobody
has 'and says which are known' "$(util certbridge://nobody)" 'certbridge:open:no such source:.*people'
has 'an unavailable source says what to do' "$(util certbridge://dead)" 'certbridge:load:source unavailable:.*certbridge sync'
has 'a wrong URI says what is allowed' "$(util 'certbridge://people?part=key')" 'certbridge:open:invalid uri:.*issuers'
has 'a wrong configuration is named' "$(sed "s#$dir/certbridge.conf#$dir/missing.conf#" "$dir/openssl.cnf" >"$dir/missing.cnf"
    OPENSSL_CONF=$dir/missing.cnf util certbridge://people)" 'certbridge:open:configuration error:.*missing.conf'

# A configuration of the host's that leaves little room
sed 's/^providers = providers/&\nalg_section = algorithms\n[algorithms]\ndefault_properties = ?fips=yes/' "$dir/openssl.cnf" >"$dir/fips.cnf"
same 'default_properties = ?fips=yes' "$(OPENSSL_CONF=$dir/fips.cnf total certbridge://people)" 8
same 'given on the command line' "$(OPENSSL_CONF=/dev/null CERTBRIDGE_CONF=$dir/certbridge.conf util -noout -provider-path \
    "$top_builddir/.libs" -provider default -provider certbridge certbridge://people/user-2/c2 | tail -n 1)" 'Total found: 1'

# Other commands
same 'x509 -in' "$(openssl x509 -in certbridge://people/user-1/c1 2>&1)" "$(cat server.pem)"
same 'x509 -inform DER -in' "$(openssl x509 -inform DER -in certbridge://people/user-1/c1 2>&1)" "$(cat server.pem)"
refuses 'x509 -in, nothing there' 1 openssl x509 -in certbridge://people/user-1/c9
refuses 'x509 -in, a passcode' 1 openssl x509 -in certbridge://factory/IOT_1/passcode/p1
check 'verify -CAstore' openssl verify -no-CAfile -no-CApath -CAstore certbridge://anchors -untrusted issuing.pem server.pem
check 'verify, an issuer spelled otherwise' openssl verify -no-CAfile -no-CApath -CAstore certbridge://anchors cousin.pem
check 'verify, both CAs in the store' openssl verify -no-CAfile -no-CApath -CAstore certbridge://anchors client.pem
refuses 'verify, an authority that is disabled' 2 openssl verify -no-CAfile -no-CApath -CAstore certbridge://anchors zero.pem
refuses 'verify, an authority of a chain only' 2 openssl verify -no-CAfile -no-CApath -CAstore certbridge://people server.pem
refuses 'verify, an unavailable source' 2 openssl verify -no-CAfile -no-CApath -CAstore certbridge://dead server.pem
check 'verify -untrusted and -trusted' openssl verify -no-CAfile -no-CApath -trusted certbridge://anchors/ca/root \
    -untrusted 'certbridge://people/user-1?part=issuers' certbridge://people/user-1/c1
check 'SSL_CERT_DIR' env SSL_CERT_FILE=/dev/null SSL_CERT_DIR=certbridge://anchors openssl verify client.pem
check 'cms -sign -certfile' openssl cms -sign -signer certbridge://people/user-1/c1 -inkey server.key \
    -certfile 'certbridge://people/user-1?part=issuers' -in server.pem -out "$dir/signed.pem"
check 'cms -verify -CAstore' openssl cms -verify -no-CAfile -no-CApath -CAstore certbridge://anchors -purpose any -in "$dir/signed.pem" -out /dev/null
check 'pkcs12 -export -in' openssl pkcs12 -export -in certbridge://people/user-1/c1 -inkey server.key -passout pass:x -out "$dir/server.p12"

# A fresh snapshot needs no other process and no socket.
strace -f -o "$dir/trace" openssl storeutl -noout certbridge://people >/dev/null 2>&1
lacks 'no socket, no fork, no exec' "$(sed 1d "$dir/trace")" '(socket|connect|clone|clone3|fork|vfork|execve)\('
lacks 'nothing is written' "$(sed 1d "$dir/trace")" 'openat\(.*(O_WRONLY|O_RDWR|O_CREAT)'
strace -f -o "$dir/trace" openssl version >/dev/null 2>&1
lacks 'loaded but not used, it opens nothing of ours' "$(cat "$dir/trace")" "$dir/(certbridge.conf|cache)"
plan
