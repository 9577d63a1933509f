#include "common/fetch/snapshot-write.h"
