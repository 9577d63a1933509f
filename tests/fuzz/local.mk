# Fuzzers. Each is fuzz-NAME.c with LLVMFuzzerTestOneInput and a corpus in corpus/NAME. `make check`
# replays the corpora with whatever compiler there is; `make fuzz` builds the fuzzers themselves
# with clang in the folder fuzz-build (HACKING.md says how to run one).
EXTRA_PROGRAMS =
EXTRA_DIST += tests/fuzz/corpus
fuzz_sanitizers = fuzzer-no-link,address,undefined
fuzz_programs = \
	tests/fuzz/fuzz-nevisidm \
	tests/fuzz/fuzz-digicert \
	tests/fuzz/fuzz-certificates \
	tests/fuzz/fuzz-name \
	tests/fuzz/fuzz-snapshot \
	tests/fuzz/fuzz-config \
	tests/fuzz/fuzz-json \
	tests/fuzz/fuzz-uri
replay_programs = \
	tests/fuzz/replay-nevisidm \
	tests/fuzz/replay-digicert \
	tests/fuzz/replay-certificates \
	tests/fuzz/replay-name \
	tests/fuzz/replay-snapshot \
	tests/fuzz/replay-config \
	tests/fuzz/replay-json \
	tests/fuzz/replay-uri
EXTRA_PROGRAMS += $(fuzz_programs)
check_PROGRAMS += $(replay_programs)
TESTS += $(replay_programs)

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c
tests_fuzz_fuzz_config_LDADD = libcommon.la libsources.la
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz-config.c tests/fuzz/replay.c
tests_fuzz_replay_config_LDADD = libcommon.la libsources.la

tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz-json.c
tests_fuzz_fuzz_json_LDADD = libfetch.la
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_json_SOURCES = tests/fuzz/fuzz-json.c tests/fuzz/replay.c
tests_fuzz_replay_json_LDADD = libfetch.la

tests_fuzz_fuzz_uri_SOURCES = tests/fuzz/fuzz-uri.c
tests_fuzz_fuzz_uri_LDADD = libcommon.la libsources.la
tests_fuzz_fuzz_uri_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_uri_SOURCES = tests/fuzz/fuzz-uri.c tests/fuzz/replay.c
tests_fuzz_replay_uri_LDADD = libcommon.la libsources.la

tests_fuzz_fuzz_certificates_SOURCES = tests/fuzz/fuzz-certificates.c
tests_fuzz_fuzz_certificates_LDADD = libfetch.la $(CRYPTO_LIBS)
tests_fuzz_fuzz_certificates_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_certificates_SOURCES = tests/fuzz/fuzz-certificates.c tests/fuzz/replay.c
tests_fuzz_replay_certificates_LDADD = libfetch.la $(CRYPTO_LIBS)

tests_fuzz_fuzz_name_SOURCES = tests/fuzz/fuzz-name.c
tests_fuzz_fuzz_name_LDADD = libcommon.la $(CRYPTO_LIBS)
tests_fuzz_fuzz_name_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_name_SOURCES = tests/fuzz/fuzz-name.c tests/fuzz/replay.c
tests_fuzz_replay_name_LDADD = libcommon.la $(CRYPTO_LIBS)

tests_fuzz_fuzz_snapshot_SOURCES = tests/fuzz/fuzz-snapshot.c
tests_fuzz_fuzz_snapshot_LDADD = libcommon.la $(CDB_LIBS)
tests_fuzz_fuzz_snapshot_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_snapshot_SOURCES = tests/fuzz/fuzz-snapshot.c tests/fuzz/replay.c
tests_fuzz_replay_snapshot_LDADD = libcommon.la $(CDB_LIBS)

tests_fuzz_fuzz_digicert_SOURCES = tests/fuzz/fuzz-digicert.c tests/unit/source-play.c
tests_fuzz_fuzz_digicert_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_fuzz_fuzz_digicert_LDADD = libfetch.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_digicert_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_digicert_SOURCES = tests/fuzz/fuzz-digicert.c tests/unit/source-play.c tests/fuzz/replay.c
tests_fuzz_replay_digicert_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_fuzz_replay_digicert_LDADD = libfetch.la $(CMOCKA_LIBS)

tests_fuzz_fuzz_nevisidm_SOURCES = tests/fuzz/fuzz-nevisidm.c tests/unit/source-play.c
tests_fuzz_fuzz_nevisidm_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_fuzz_fuzz_nevisidm_LDADD = libfetch.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_nevisidm_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_replay_nevisidm_SOURCES = tests/fuzz/fuzz-nevisidm.c tests/unit/source-play.c tests/fuzz/replay.c
tests_fuzz_replay_nevisidm_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_fuzz_replay_nevisidm_LDADD = libfetch.la $(CMOCKA_LIBS)

.PHONY: fuzz
fuzz:
	$(MKDIR_P) fuzz-build
	cd fuzz-build && { test -f Makefile || \
		$(abs_top_srcdir)/configure CC=clang CFLAGS='-g -O1' \
			--with-sanitizer=$(fuzz_sanitizers); }
	cd fuzz-build && $(MAKE) $(fuzz_programs)
