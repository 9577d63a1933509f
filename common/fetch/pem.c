#include "common/fetch/pem.h"
