# Rules that matter, held by scripts.
house_tests = \
	tests/house/test-arrows.sh \
	tests/house/test-modules.sh \
	tests/house/test-headers.sh
TESTS += $(house_tests)
EXTRA_DIST += $(house_tests) tests/tap.sh tests/openssl-cnf.sh
