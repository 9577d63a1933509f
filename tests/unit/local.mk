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
