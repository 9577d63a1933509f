/* make-world DIR: writes the world of tests/pkcs11/world.h for tests that run real programs. */
#include "tests/pkcs11/world.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make-world DIR\n");
        return 2;
    }
    world_write(argv[1]);
    return 0;
}
