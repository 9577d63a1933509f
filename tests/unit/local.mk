# Unit tests: one program per file under test, against cmocka.

check_PROGRAMS += tests/unit/test-json
TESTS += tests/unit/test-json
tests_unit_test_json_SOURCES = tests/unit/test-json.c
tests_unit_test_json_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_json_LDADD = libfetch.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-file
TESTS += tests/unit/test-file
tests_unit_test_file_SOURCES = tests/unit/test-file.c tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_file_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-status
TESTS += tests/unit/test-status
tests_unit_test_status_SOURCES = tests/unit/test-status.c tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_status_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_status_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-refresh
TESTS += tests/unit/test-refresh
tests_unit_test_refresh_SOURCES = tests/unit/test-refresh.c tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_refresh_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_refresh_LDADD = libcommon.la libsources.la $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test-buf
TESTS += tests/unit/test-buf
tests_unit_test_buf_SOURCES = tests/unit/test-buf.c
tests_unit_test_buf_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_buf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_buf_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-clock
TESTS += tests/unit/test-clock
tests_unit_test_clock_SOURCES = tests/unit/test-clock.c
tests_unit_test_clock_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_clock_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_clock_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-ini
TESTS += tests/unit/test-ini
tests_unit_test_ini_SOURCES = tests/unit/test-ini.c
tests_unit_test_ini_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_ini_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ini_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-siphash
TESTS += tests/unit/test-siphash
tests_unit_test_siphash_SOURCES = tests/unit/test-siphash.c
tests_unit_test_siphash_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_siphash_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_siphash_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-text
TESTS += tests/unit/test-text
tests_unit_test_text_SOURCES = tests/unit/test-text.c
tests_unit_test_text_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-config
TESTS += tests/unit/test-config
tests_unit_test_config_SOURCES = tests/unit/test-config.c
tests_unit_test_config_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_config_LDADD = libcommon.la libsources.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-uri
TESTS += tests/unit/test-uri
tests_unit_test_uri_SOURCES = tests/unit/test-uri.c
tests_unit_test_uri_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_uri_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_uri_LDADD = libcommon.la libsources.la $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test-digicert
TESTS += tests/unit/test-digicert
tests_unit_test_digicert_SOURCES = tests/unit/test-digicert.c tests/unit/source-play.c tests/unit/source-play.h
tests_unit_test_digicert_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_digicert_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_digicert_LDADD = libfetch.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-nevisidm
TESTS += tests/unit/test-nevisidm
tests_unit_test_nevisidm_SOURCES = tests/unit/test-nevisidm.c tests/unit/source-play.c tests/unit/source-play.h
tests_unit_test_nevisidm_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_nevisidm_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_nevisidm_LDADD = libfetch.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-plan
TESTS += tests/unit/test-plan
tests_unit_test_plan_SOURCES = tests/unit/test-plan.c
tests_unit_test_plan_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_plan_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_plan_LDADD = libfetch.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-claims
TESTS += tests/unit/test-claims
tests_unit_test_claims_SOURCES = tests/unit/test-claims.c
tests_unit_test_claims_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_claims_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_claims_LDADD = libfetch.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-http
TESTS += tests/unit/test-http
tests_unit_test_http_SOURCES = \
	tests/unit/test-http.c \
	tests/unit/http-server.c tests/unit/http-server.h \
	tests/unit/made-pki.c tests/unit/made-pki.h
tests_unit_test_http_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_http_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SSL_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_http_LDADD = libfetch.la $(CMOCKA_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)
check_PROGRAMS += tests/unit/test-der
TESTS += tests/unit/test-der
tests_unit_test_der_SOURCES = tests/unit/test-der.c
tests_unit_test_der_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_der_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_der_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-object
TESTS += tests/unit/test-object
tests_unit_test_object_SOURCES = tests/unit/test-object.c
tests_unit_test_object_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_object_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_object_LDADD = libcommon.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-x509
TESTS += tests/unit/test-x509
tests_unit_test_x509_SOURCES = tests/unit/test-x509.c tests/unit/certificate.c tests/unit/certificate.h
tests_unit_test_x509_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_x509_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_x509_LDADD = libfetch.la $(CMOCKA_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/test-pem
TESTS += tests/unit/test-pem
tests_unit_test_pem_SOURCES = tests/unit/test-pem.c
tests_unit_test_pem_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_pem_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_pem_LDADD = libfetch.la $(CMOCKA_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/test-name
TESTS += tests/unit/test-name
tests_unit_test_name_SOURCES = tests/unit/test-name.c
tests_unit_test_name_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_name_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_name_LDADD = libcommon.la $(CMOCKA_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/test-snapshot
TESTS += tests/unit/test-snapshot
tests_unit_test_snapshot_SOURCES = tests/unit/test-snapshot.c \
	tests/unit/certificate.c tests/unit/certificate.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_snapshot_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_snapshot_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(CRYPTO_CFLAGS)
tests_unit_test_snapshot_LDADD = libfetch.la $(CMOCKA_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/test-secret
TESTS += tests/unit/test-secret
tests_unit_test_secret_SOURCES = tests/unit/test-secret.c
tests_unit_test_secret_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_secret_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_secret_LDADD = libfetch.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-api-error
TESTS += tests/unit/test-api-error
tests_unit_test_api_error_SOURCES = tests/unit/test-api-error.c
tests_unit_test_api_error_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_test_api_error_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_api_error_LDADD = libfetch.la $(CMOCKA_LIBS)
