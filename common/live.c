#include "common/live.h"
