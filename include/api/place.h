/* Names and labels that others see must not give a place away. Other text is marked .prose. */
#pragma once
#include "json/address.h"
#include "serve/serve.h"

void refuse_place(struct ctx *c, const char *pointer, const char *s);
/* An outward code that is no district of the kingdom protects nobody: refused with the one that was
 * probably meant. NULL is fine. */
void check_district(struct ctx *c, const char *pointer, const char *outward);
