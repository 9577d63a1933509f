#include "common/spawn.h"
