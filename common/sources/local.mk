# Compiled twice: here the descriptions that the read half needs; whole in common/fetch/local.mk.
cb_source_files = \
	common/sources/list.c common/sources/list.h \
	common/sources/digicert-iot.c \
	common/sources/nevisidm.c

noinst_LTLIBRARIES += libsources.la
libsources_la_SOURCES = $(cb_source_files)
libsources_la_CPPFLAGS = $(AM_CPPFLAGS)
