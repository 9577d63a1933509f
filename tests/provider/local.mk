# The OpenSSL provider as a host uses it: C programs with library contexts of their own, and scripts
# with the real openssl program.
provider_programs = \
	tests/provider/test-param \
	tests/provider/test-lists \
	tests/provider/test-searches \
	tests/provider/test-system \
	tests/provider/test-damage \
	tests/provider/test-lifetime
provider_scripts = \
	tests/provider/test-tools.sh \
	tests/provider/test-tls.sh \
	tests/provider/test-private.sh

check_PROGRAMS += $(provider_programs) tests/provider/make-snapshot
TESTS += $(provider_programs) $(provider_scripts)
EXTRA_DIST += $(provider_scripts) tests/provider/world.sh tests/provider/world-env.sh \
	tests/provider/private-host.c

tests_provider_make_snapshot_SOURCES = tests/provider/make-snapshot.c
tests_provider_make_snapshot_LDADD = libfetch.la $(CRYPTO_LIBS)

tests_provider_test_param_SOURCES = tests/provider/test-param.c provider/param.c
tests_provider_test_param_CPPFLAGS = $(AM_CPPFLAGS)
tests_provider_test_param_LDADD = libcommon.la libsources.la $(CMOCKA_LIBS)

provider_host = tests/provider/host.c tests/provider/host.h
provider_ldadd = $(CMOCKA_LIBS) $(CRYPTO_LIBS) -lpthread

tests_provider_test_lists_SOURCES = tests/provider/test-lists.c $(provider_host)
tests_provider_test_lists_LDADD = $(provider_ldadd)

tests_provider_test_searches_SOURCES = tests/provider/test-searches.c $(provider_host)
tests_provider_test_searches_LDADD = $(provider_ldadd)

tests_provider_test_lifetime_SOURCES = tests/provider/test-lifetime.c $(provider_host)
tests_provider_test_lifetime_LDADD = $(provider_ldadd)

tests_provider_test_system_SOURCES = tests/provider/test-system.c $(provider_host)
tests_provider_test_system_LDADD = $(provider_ldadd)

tests_provider_test_damage_SOURCES = tests/provider/test-damage.c $(provider_host)
tests_provider_test_damage_LDADD = $(provider_ldadd)
