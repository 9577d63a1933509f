#include "common/uri.h"
