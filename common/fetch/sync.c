#include "common/fetch/sync.h"
