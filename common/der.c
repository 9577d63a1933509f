#include "common/der.h"
