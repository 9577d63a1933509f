#include "common/object.h"
