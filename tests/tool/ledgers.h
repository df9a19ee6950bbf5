/* A database with pots, for tests of the ledger: what happens in it is done by functions of the owner, as be() says for whom. */
#pragma once

/* The environment names a fresh database, which has the function be(username). */
void ledger_start(void);
/* An open pot of the seed's council: the id of its year. */
const char *ledger_pot(const char *name, long pence);
/* Both approving roles may approve; two people from 5,000 pence on. */
void ledger_limits(void);
