# Real programs against the simulator: what a user sees, end to end.
system_tests = \
	tests/system/test-bad-answers.sh \
	tests/system/test-bad-disk.sh \
	tests/system/test-cli.sh \
	tests/system/test-connections.sh \
	tests/system/test-debian-cas.sh \
	tests/system/test-freshness.sh \
	tests/system/test-handshake.sh \
	tests/system/test-http2.sh \
	tests/system/test-ids.sh \
	tests/system/test-install.sh \
	tests/system/test-left-out.sh \
	tests/system/test-outage.sh \
	tests/system/test-paging.sh \
	tests/system/test-passcodes.sh \
	tests/system/test-privileged.sh \
	tests/system/test-proxy.sh \
	tests/system/test-refusals.sh \
	tests/system/test-running.sh \
	tests/system/test-secrets.sh \
	tests/system/test-silence.sh \
	tests/system/test-sync.sh \
	tests/system/test-together.sh \
	tests/system/test-users.sh
TESTS += $(system_tests)
EXTRA_DIST += $(system_tests) tests/system/bad-world.sh tests/system/world.sh

check_PROGRAMS += tests/system/searcher
tests_system_searcher_SOURCES = tests/system/searcher.c
tests_system_searcher_LDADD = $(CRYPTO_LIBS)
