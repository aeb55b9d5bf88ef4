/* The program's entry. */
#include <stdio.h>

#include "daemon/core/version.h"

int main(void)
{
    printf("assertd %s\n", assertd_version());
    return 0;
}
