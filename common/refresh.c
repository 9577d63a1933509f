#include "common/refresh.h"
