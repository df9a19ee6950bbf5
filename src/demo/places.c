/* Where things are in a generated set. */
#include <stdio.h>

#include "tables.h"

enum { TEES_DISTRICTS = 29, AREA_DISTRICTS = 18, AREA_STEP = 20 };

/* Postcode areas of England with two letters, the Tees left out. */
static const char *const areas[] = {
	"AL", "BA", "BB", "BD", "BH", "BL", "BN", "BR", "BS", "CA", "CB", "CH", "CM", "CO",
	"CR", "CT", "CV", "CW", "DA", "DE", "DN", "DT", "DY", "EN", "EX", "FY", "GL", "GU",
	"HA", "HD", "HG", "HP", "HR", "HU", "HX", "IG", "IP", "KT", "LA", "LE", "LN", "LS",
	"LU", "ME", "MK", "NE", "NG", "NN", "NR", "OL", "OX", "PE", "PL", "PO", "PR", "RG",
	"RH", "RM", "SG", "SK", "SL", "SM", "SN", "SO", "SP", "SS", "ST", "TA", "TF", "TN",
	"TQ", "TR", "TW", "UB", "WA", "WD", "WF", "WN", "WR", "WS", "WV", "YO",
};

void demo_outward(int64_t partnership, int64_t n, char out[DEMO_PLACE])
{
	int64_t count = sizeof(areas) / sizeof(*areas), other = partnership - 1;

	if (partnership == 0)
		snprintf(out, DEMO_PLACE, "TS%d", (int)(1 + n % TEES_DISTRICTS));
	else
		snprintf(out, DEMO_PLACE, "%s%d", areas[other % count],
			 (int)(1 + n % AREA_DISTRICTS + other / count * AREA_STEP) % 100);
}

void demo_authority(int64_t partnership, int64_t n, char out[DEMO_AUTHORITY])
{
	if (partnership == 0)
		snprintf(out, DEMO_AUTHORITY, "E0600000%d", (int)(1 + n % 5));
	else
		snprintf(out, DEMO_AUTHORITY, "E08%06d", (int)(partnership % 1000000));
}
