#include "common/fetch/secret.h"
