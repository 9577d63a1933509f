#include "common/fetch/json.h"
