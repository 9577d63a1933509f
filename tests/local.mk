# Every test speaks TAP; the fast ones come first. HACKING.md says how to run one.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	top_srcdir='$(top_srcdir)'; top_builddir='$(abs_top_builddir)'; export top_srcdir top_builddir; \
	unset SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE;

# What a test program is linked with unless it says otherwise.
LDADD = tests/unit/libhelpers.la libfetch.la $(CMOCKA_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)
EXTRA_DIST += tests/packages tests/valgrind.supp

include tests/house/local.mk
include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/pkcs11/local.mk
include tests/hosts/local.mk
include tests/provider/local.mk
include tests/simulator/local.mk
include tests/system/local.mk

# For ./check: what runs against a build with AddressSanitizer, with ThreadSanitizer, and under valgrind. Scripts are there
# only if they start foreign programs through tests/system/world.sh, which prepares them.
c_tests = $(unit_tests) $(fuzz_tests) $(pkcs11_tests) $(provider_programs)
address_tests = $(c_tests) $(host_tests) \
	tests/simulator/test-simulator.sh \
	tests/system/test-bad-answers.sh \
	tests/system/test-cli.sh \
	tests/system/test-freshness.sh \
	tests/system/test-ids.sh \
	tests/system/test-left-out.sh \
	tests/system/test-outage.sh \
	tests/system/test-paging.sh \
	tests/system/test-running.sh \
	tests/system/test-secrets.sh \
	tests/system/test-sync.sh \
	tests/system/test-together.sh
thread_tests = \
	tests/hosts/test-hosts \
	tests/hosts/test-live \
	tests/pkcs11/test-threads \
	tests/provider/test-lifetime
valgrind_tests = $(c_tests) tests/system/test-cli.sh
