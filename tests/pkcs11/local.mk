# The PKCS#11 module as hosts see it: loaded, with snapshots that the writer made.
check_LTLIBRARIES += tests/pkcs11/libworld.la
tests_pkcs11_libworld_la_SOURCES = \
	tests/pkcs11/harness.c tests/pkcs11/harness.h \
	tests/pkcs11/world.c tests/pkcs11/world.h
tests_pkcs11_libworld_la_LIBADD = libfetch.la $(CMOCKA_LIBS) $(CRYPTO_LIBS)

pkcs11_tests = \
	tests/pkcs11/test-calls \
	tests/pkcs11/test-damage \
	tests/pkcs11/test-objects \
	tests/pkcs11/test-roots \
	tests/pkcs11/test-threads
check_PROGRAMS += $(pkcs11_tests) tests/pkcs11/make-world
TESTS += $(pkcs11_tests) tests/pkcs11/test-clients.sh
EXTRA_DIST += tests/pkcs11/test-clients.sh

tests_pkcs11_test_calls_LDADD = tests/pkcs11/libworld.la
tests_pkcs11_test_damage_LDADD = tests/pkcs11/libworld.la
tests_pkcs11_test_objects_LDADD = tests/pkcs11/libworld.la
tests_pkcs11_test_roots_LDADD = tests/pkcs11/libworld.la
tests_pkcs11_test_threads_LDADD = tests/pkcs11/libworld.la
tests_pkcs11_make_world_LDADD = tests/pkcs11/libworld.la
