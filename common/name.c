#include "common/name.h"
