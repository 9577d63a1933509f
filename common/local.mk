# What both halves share.
noinst_LTLIBRARIES += libcommon.la
libcommon_la_SOURCES = \
	common/attempt.c common/attempt.h \
	common/arena.c common/arena.h \
	common/buf.c common/buf.h \
	common/bytes.h \
	common/checksum.c common/checksum.h \
	common/clock.c common/clock.h \
	common/config.c common/config.h common/config-build.h \
	common/config-find.c \
	common/config-keys.c common/config-keys.h \
	common/config-read.c common/config-read.h \
	common/config-source.c \
	common/config-text.c common/config-text.h \
	common/config-types.c \
	common/config-word.c \
	common/der.c common/der.h \
	common/error.c common/error.h \
	common/file.c common/file.h \
	common/forked.c common/forked.h \
	common/helper.c common/helper.h \
	common/ini.c common/ini.h \
	common/live.c common/live.h \
	common/log.c common/log.h \
	common/name.c common/name.h \
	common/name-parts.c common/name-parts.h \
	common/name-text.c \
	common/object.c common/object.h \
	common/refresh.c common/refresh.h \
	common/seen.c common/seen.h \
	common/siphash.c common/siphash.h \
	common/snapshot.c common/snapshot.h common/snapshot-format.h \
	common/source.h \
	common/span.h \
	common/spawn.c common/spawn.h \
	common/status.c common/status.h \
	common/text.c common/text.h \
	common/uri.c common/uri.h \
	common/url.c common/url.h \
	common/value.c common/value.h \
	common/value-list.c \
	common/users.c common/users.h
libcommon_la_LIBADD = $(CDB_LIBS)

include common/sources/local.mk
include common/fetch/local.mk
