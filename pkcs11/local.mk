# The Cryptoki module: libc and libcdb only.
p11_module_LTLIBRARIES = certbridge-pkcs11.la
certbridge_pkcs11_la_SOURCES = \
	pkcs11/attributes.c pkcs11/attributes.h \
	pkcs11/candidates.c \
	pkcs11/cryptoki.h \
	pkcs11/find.c pkcs11/find.h \
	pkcs11/functions.c \
	pkcs11/module.c pkcs11/module.h \
	pkcs11/object.c \
	pkcs11/session.c pkcs11/session.h \
	pkcs11/slot.c
certbridge_pkcs11_la_LIBADD = libcommon.la libsources.la $(CDB_LIBS)
certbridge_pkcs11_la_LDFLAGS = $(AM_LDFLAGS) $(CB_MODULE_LDFLAGS) -module -avoid-version \
	-export-symbols-regex '^C_GetFunctionList$$' -Wl,-z,nodelete

pkginclude_HEADERS = pkcs11/certbridge-pkcs11.h

# p11-kit finds a bare name in its own folder only.
p11_config_DATA = pkcs11/certbridge.module
CLEANFILES += pkcs11/certbridge.module
pkcs11/certbridge.module: Makefile
	$(AM_V_GEN)$(MKDIR_P) pkcs11 && \
	own=`$(PKG_CONFIG) --variable=p11_module_path p11-kit-1`; \
	case '$(p11_moduledir)' in \
	"$$own") module=certbridge-pkcs11.so ;; \
	*) module='$(p11_moduledir)/certbridge-pkcs11.so' ;; \
	esac; \
	printf '# certbridge: certificates of remote registries, read-only.\nmodule: %s\n' "$$module" > $@
