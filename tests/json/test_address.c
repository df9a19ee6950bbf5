/* Free text that gives a place away, and free text that only looks so. */
#include <criterion/criterion.h>

#include "json/address.h"

static const char *const refused[] = {
	/* a house or flat, and its street */
	"12 Acacia Road", "see 12a old mill lane", "Acacia Road 12, ring first", "4 Rowan Close", "Flat 3, 14 High St",
	"12 acacia close", "14 Broadway", "14 broadway", "She is at 14 Broadway, Middlesbrough", "Flat 3 The Laurels",
	"flat 3 the laurels", "Flat 3, The Laurels", "Flat 3A Laurels House", "Apartment 12, Jubilee Court",
	"flat 2 rose court", "Apt 7 Kings Lodge", "3 The Laurels", "9 The Green", "9 Oakdene", "12 St James Court",
	"12-14 Linthorpe Road", "No. 14 Station Road", "Moved from 22 Westgate", "Rowan Court 12", "Go to 7 Marton Avenue.",
	"27 Queen's Crescent", "12 ACACIA ROAD", "14 BROADWAY", "6 church view", "17 victoria park", "31 Albert Terrace",
	"He lives at number 14", "House number 27", "living at 14 with her mum", "Unit 4 Tees House", "4 Mill Cottages",
	"For 12 Rowan Close", "1 Kingsway", "56 Bishopton Rd", "2b Grange Grove", "8, Church Lane", "Maisonette 2 Hillcrest",
	"88 Newport Rd flat", "100 Park Vale Drive", "Kids are at 5 Beech Grove", "5 Beechwood", "Studio 6, Dundas Mews",
	"He drinks at 16 The Crescent", "number 14, the willows", "Acacia Road no 12", "Flat One, The Laurels", "fourteen Broadway",
	"flat 4 acorn house", "33 north ormesby bank", "221b Baker Street", "Plot 4 Meadowfield", "3 Rose Cottage",
	/* postcodes, however they are spaced and spelt */
	"Keys at TS1 3BA", "keys at ts13ba, ring first", "at TS1 3 BA", "T S 1 3 B A", "t s 1 3 b a", "TS 1 3BA", "TS1  3  B A",
	"T-S-1-3-B-A", "T.S.1 3.B.A", "TS1-3BA", "E C 1 A 1 B B", "M1 1AE", "TSI 3BA", "TS1O 1AA", "near TS10 1A A",
	/* letters that look like ours, marks that cannot be seen */
	"\uff34\uff33\uff11 \uff13\uff22\uff21", "\u0422\u04051 3\u0412\u0410", "\u03a4S1 3\u0392\u0391", "T\u200bS1 3B\u200bA",
	"TS1\u00a03BA", "T\u00a0S\u00a01\u00a03\u00a0B\u00a0A", "14 \u0412roadway", "12 \u0410\u0441acia R\u043e\u0430d",
	"\U0001d413\U0001d412\U0001d7cf \U0001d7d1\U0001d401\U0001d400", "\uff11\uff12 Acacia Road", "12 \u00c1cacia R\u00f3ad",
	/* positions */
	"54.5742, -1.2350", "54.5742 -1.2350", "54.57, -1.23", "(54.574200, -1.235000)", "lat 54.5742 lon -1.2350",
	"54.5742 N, 1.2350 W", "N54.5742 W1.2350", "54\u00b034'27\"N 1\u00b014'06\"W", "54\u00b0 34\u2032 27\u2033 N",
	"54\u00b034.452'N", "54.5742\u00b0 N", "54 deg 34 min 27 sec N", "54 34 27 N 1 14 06 W", "-1.2350, 54.5742", "54d34m27s N",
	"///filled.count.soap", "filled.count.soap", "/// filled.count.soap", "Meet at filled.count.soap by the door",
	"9C6WHQF8+XR", "HQF8+XR Middlesbrough", "NZ 4956 2034", "NZ49562034", "https://maps.app.goo.gl/aBc",
	"https://w3w.co/filled.count.soap", "\u2212" "1.2350, 54.5742",
};

static const char *const taken[] = {
	/* courts, orders, terms of law */
	"In Court 3 on 4 December", "Non-molestation order, Teesside Magistrates' Court 12 November",
	"Hearing at Teesside Combined Court on 12 November at 10am", "Crown Court 2 at 10:30", "Family Court 4 December",
	"Court 5, 9.45 am", "Section 21 notice", "Section 20 Children Act", "Section 47 enquiry", "Part 7 Housing Act 1996",
	"Part IV Family Law Act 1996", "Article 8 Human Rights Act", "Schedule 2 Equality Act 2010", "Form C100 sent",
	"2 County Court judgments", "3 Family Court hearings", "Clare's Law request 14 March", "Occupation order until 1 May 2027",
	"Bail until 4 December, Crown Court", "Order 12 November 2026", "Prohibited steps order, 3 children",
	"Supreme Court 2019 judgment",
	/* times, dates, ages */
	"Ring after 10am, not before 9", "Ring 9-5 Monday to Friday", "Friday 4 Crown Court", "on 12/11/2026 at court",
	"10.30 Monday", "at 10:30 Tees Valley team", "24/7 Helpline", "aged 14", "Boy aged 14 Speaks Polish", "Son of 12, daughter 9",
	"18 Year old", "9 month old baby", "In 2024 Cleveland Police attended", "Since 2019 Durham has held the file",
	"14 weeks pregnant", "due in 14 weeks", "2 weeks, 3 rooms, CO2 alarm", "21 days to make the place ready", "Week 12 Scan booked",
	"Dec 4 Court", "4th December", "Back on the 3rd", "10 minutes walk from the park", "20 minute drive", "A 5 mile walk",
	/* counts */
	"3 children", "3 Children", "2 Boys, 1 Girl", "Room for 2", "Room for 2. Ring first", "2 children, 10 days, Room 4",
	"a road with 2 lanes; step 3 of 4", "14 flats close to a school", "Flat 3, block B1", "Flat 2 has a cot", "flat 3 is ready",
	"3 buses close by", "2 Polish families", "4 Somali women", "1 quiet place near her school", "1 accessible place",
	"Needs 2 bedrooms", "Has 2 Staffordshire terriers", "Mum + 2 Kids", "2 bed house wanted", "2 Social Workers",
	"1 Adult 3 Children", "Sleeps 6", "2 x Cots", "3 MARAC referrals", "12 sofas to move", "2 close friends", "Ward 12 James Cook",
	/* money, references, scores, other numbers */
	"\u00a312 Travel", "\u00a3250 Arrears", "20 pounds", "\u20ac40 Deposit", "5% Interest", "case H-7KQ2MX", "Ref MB24P01234",
	"URN 12AB3456", "Crime number 42/123456/26", "Log 341 Cleveland Police", "PC 1234 Smith attended", "DASH 16, High",
	"Risk score 18 High", "Band 1 Urgent", "Size 5 Nappies", "Level 3 Safeguarding", "Bus 63 Park Road", "Year 6 Park End Primary",
	"38\u00b0C fever", "Turned 90\u00b0 and fell", "Version 2.3.1", "NI number QQ123456C", "1.5 million", "Ratio 1.25, 2.50",
	"www.gov.uk", "name.surname@example.com", "https://www.nhs.uk/help", "e.g. with her sister", "Ring 07700 900123",
	"ring me so ill", "Is 12 3 days", "Road works at the back", "Close to the street", "She knows the road", "Boiler repair, engineer booked",
	"Gr\u00fc\u00dfe aus K\u00f6ln", "\u041e\u043d\u0430 \u0433\u043e\u0432\u043e\u0440\u0438\u0442 \u043f\u043e-\u0440\u0443\u0441\u0441\u043a\u0438",
	"Bedroom 2 Damp", "Flat 3 Boiler broken", "Flat 2 Vacant", "2 suitcases, 1 Pram", "Weighs 12 Stone", "6 foot 2 Bald",
	"Stayed at 3 different refuges", "Mother 42 Father 45", "Injunction 12 Jan, expires 12 Jul", "s21 Notice", "Reg 27",
	"Gate code 1234", "Night bus 36", "Meet 10am Darlington", "Family of 5 Close to eviction", "12 Step programme",
	"2 x adults, 3 x children", "Court order no. 12", "Place for 3 Children", "a one way street", "two miles down the road",
	"No 3 in the queue", "Junction 12 closed", "Step 3 The end", "", "2 + 2", "Speaks to her GP, Dr 4 times a year",
};

Test(address, is_found)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		cr_expect(holds_address(refused[i]), "no address in: %s", refused[i]);
}

Test(address, other_text_is_taken)
{
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		cr_expect(!holds_address(taken[i]), "an address in: %s", taken[i]);
}
