#include "common/fetch/http.h"
