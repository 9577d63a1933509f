# openssl.cnf as the manual shows it, with the provider of this build: source it.
openssl_cnf() # CERTBRIDGE.CONF
{
    cat <<END
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
config = $1
activate = 1
END
}
