#include "common/fetch/x509.h"
