# Hosts that must never notice the helper, and what they are given while it works. The helper is a
# stand-in that writes down its surroundings.
check_PROGRAMS += tests/hosts/fake-helper
tests_hosts_fake_helper_SOURCES = tests/hosts/fake-helper.c
tests_hosts_fake_helper_LDADD = libcommon.la libsources.la

host_files = \
	tests/hosts/host.c tests/hosts/host.h \
	tests/unit/scratch.c tests/unit/scratch.h
host_cppflags = $(AM_CPPFLAGS) -DFAKE_HELPER='"$(abs_top_builddir)/tests/hosts/fake-helper"'
host_libs = libfetch.la $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test-live
TESTS += tests/unit/test-live
tests_unit_test_live_SOURCES = tests/unit/test-live.c $(host_files)
tests_unit_test_live_CPPFLAGS = $(host_cppflags)
tests_unit_test_live_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_live_LDADD = $(host_libs)

check_PROGRAMS += tests/hosts/test-hosts
TESTS += tests/hosts/test-hosts
tests_hosts_test_hosts_SOURCES = tests/hosts/test-hosts.c $(host_files)
tests_hosts_test_hosts_CPPFLAGS = $(host_cppflags)
tests_hosts_test_hosts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) -pthread
tests_hosts_test_hosts_LDADD = $(host_libs)
