# Hosts that must never notice the helper, and what they are given while it works. The helper is a stand-in that
# writes down its surroundings.
check_PROGRAMS += tests/hosts/fake-helper

check_LTLIBRARIES += tests/hosts/libhost.la
tests_hosts_libhost_la_SOURCES = tests/hosts/host.c tests/hosts/host.h
tests_hosts_libhost_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DFAKE_HELPER='"$(abs_top_builddir)/tests/hosts/fake-helper"'

host_tests = tests/hosts/test-live tests/hosts/test-hosts
check_PROGRAMS += $(host_tests)
TESTS += $(host_tests)
host_ldadd = tests/hosts/libhost.la $(LDADD)
tests_hosts_test_live_LDADD = $(host_ldadd)
tests_hosts_test_hosts_LDADD = $(host_ldadd)
