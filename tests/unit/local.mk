# Unit tests: one program per file under test, against cmocka. Helpers of several are in libhelpers.
check_LTLIBRARIES += tests/unit/libhelpers.la
tests_unit_libhelpers_la_SOURCES = \
	tests/unit/certificate.c tests/unit/certificate.h \
	tests/unit/http-server.c tests/unit/http-server.h \
	tests/unit/made-pki.c tests/unit/made-pki.h \
	tests/unit/scratch.c tests/unit/scratch.h

unit_tests = \
	tests/unit/test-api-error \
	tests/unit/test-buf \
	tests/unit/test-checksum \
	tests/unit/test-claims \
	tests/unit/test-clock \
	tests/unit/test-config \
	tests/unit/test-der \
	tests/unit/test-digicert \
	tests/unit/test-file \
	tests/unit/test-ini \
	tests/unit/test-json \
	tests/unit/test-name \
	tests/unit/test-nevisidm \
	tests/unit/test-object \
	tests/unit/test-pem \
	tests/unit/test-plan \
	tests/unit/test-refresh \
	tests/unit/test-secret \
	tests/unit/test-siphash \
	tests/unit/test-snapshot \
	tests/unit/test-status \
	tests/unit/test-text \
	tests/unit/test-uri \
	tests/unit/test-x509 \
	tests/unit/test-http
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)

# A plan of its own takes the place of the real one: the sources alone are tested.
source_play = tests/unit/source-play.c tests/unit/source-play.h
tests_unit_test_digicert_SOURCES = tests/unit/test-digicert.c $(source_play)
tests_unit_test_nevisidm_SOURCES = tests/unit/test-nevisidm.c $(source_play)
