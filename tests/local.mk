# Every test speaks TAP; the fast ones come first. HACKING.md says how to run one.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	top_srcdir='$(top_srcdir)'; top_builddir='$(abs_top_builddir)'; export top_srcdir top_builddir; \
	unset SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE;

include tests/house/local.mk
include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/pkcs11/local.mk
include tests/hosts/local.mk
include tests/provider/local.mk
include tests/simulator/local.mk
include tests/system/local.mk
