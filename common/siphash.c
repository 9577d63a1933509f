#include "common/siphash.h"
