# Fuzzers. Each is fuzz-NAME.c with LLVMFuzzerTestOneInput and a corpus in corpus/NAME. `make check` replays the
# corpora with whatever compiler there is; `make fuzz` builds the fuzzers themselves with clang in the folder
# fuzz-build (HACKING.md says how to run one).
EXTRA_DIST += tests/fuzz/corpus
check_LTLIBRARIES += tests/fuzz/libreplay.la
tests_fuzz_libreplay_la_SOURCES = tests/fuzz/replay.c

fuzz_tests = \
	tests/fuzz/fuzz-certificates \
	tests/fuzz/fuzz-config \
	tests/fuzz/fuzz-digicert \
	tests/fuzz/fuzz-json \
	tests/fuzz/fuzz-name \
	tests/fuzz/fuzz-nevisidm \
	tests/fuzz/fuzz-snapshot \
	tests/fuzz/fuzz-uri
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)
fuzz_ldadd = tests/fuzz/libreplay.la $(LDADD)
tests_fuzz_fuzz_certificates_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_config_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_digicert_SOURCES = tests/fuzz/fuzz-digicert.c $(source_play)
tests_fuzz_fuzz_digicert_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_json_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_name_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_nevisidm_SOURCES = tests/fuzz/fuzz-nevisidm.c $(source_play)
tests_fuzz_fuzz_nevisidm_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_snapshot_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_uri_LDADD = $(fuzz_ldadd)

.PHONY: fuzz
fuzz:
	$(MKDIR_P) fuzz-build
	cd fuzz-build && { test -f Makefile || \
		$(abs_top_srcdir)/configure -q CC=clang CFLAGS='-g -O1' CPPFLAGS=-DCB_LIBFUZZER \
			--with-sanitizer=fuzzer-no-link,address,undefined; }
	cd fuzz-build && $(MAKE) LDFLAGS=-fsanitize=fuzzer $(fuzz_tests)
