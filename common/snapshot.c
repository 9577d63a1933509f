#include "common/snapshot.h"
