# What people read.
EXTRA_DIST += \
	docs/architecture.md \
	docs/configuration.md
