/* Names and labels that others see must not give a place away. Other text is marked .prose. */
#pragma once
#include "json/address.h"
#include "serve/serve.h"

void refuse_place(struct ctx *c, const char *pointer, const char *s);
