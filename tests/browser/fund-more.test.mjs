import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { api, refer, unfold } from './steps.mjs';

const in_days = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);

const row = (list, which) => list.items.find(which);

async function request_shown(t, role) {
	const { body } = await api(role, 'GET', `/fund/requests/${new URL(t.page.url()).pathname.split('/').pop()}`);

	return body;
}

async function approve(t, path, words) {
	await t.sign_in('approver');
	await t.go(path);
	await t.press(words);
}

test('limits and caps count from a day until a day', async (t) => {
	await t.sign_in('finance');
	await t.go('/fund/limits');
	await t.page.locator('#role').selectOption('housing_officer');
	await t.page.locator('#category').selectOption('phone');
	await t.page.locator('#single_pence').fill('70');
	await t.page.locator('#month_pence').fill('90');
	await t.page.locator('#from_day').fill(in_days(10));
	await t.page.locator('#until_day').fill(in_days(9));
	await t.press('Set it');
	assert.deepEqual(await t.error_fields(), ['until_day']);
	await t.check('fund-limit-refused');
	await t.page.locator('#until_day').fill(in_days(20));
	await t.press('Set it');
	assert.match(await t.text(), /Phone/);
	await t.check('fund-limit-by-day');
	const { body: limits } = await api('finance', 'GET', '/fund/limits?limit=100');
	const limit = row(limits, (l) => l.category === 'phone');
	assert.deepEqual([limit.single_pence, limit.from_day, limit.until_day, limit.begun], [7000, in_days(10), in_days(20), false]);

	await t.follow('What each category allows');
	await t.page.locator('#category').selectOption('school');
	await t.page.locator('#payment_pence').fill('0');
	await t.press('Set it');
	assert.deepEqual(await t.error_fields(), ['payment_pence']);
	await t.page.locator('#payment_pence').fill('80');
	await t.page.locator('#from_day').fill(in_days(5));
	await t.press('Set it');
	await t.check('fund-cap-by-day');
	const { body: caps } = await api('finance', 'GET', '/fund/caps?limit=100');
	assert.equal(row(caps, (c) => c.category === 'school' && c.from_day === in_days(5)).payment_pence, 8000);
});

test('weekly support is stopped for one person', async (t) => {
	await t.sign_in('officer');
	const { body: homes } = await api('officer', 'GET', '/households?reference=H-33T39M');
	const { body: asked } = await api('officer', 'GET', `/households/${homes.items[0].id}/fund-requests`);
	const weekly = asked.household.requests.find((r) => r.category === 'nrpf_subsistence');

	await t.go(`/fund/requests/${weekly.id}`);
	await unfold(t, 'Stop it for one person');
	await t.check('weekly-stop-person');
	const people = await t.page.locator('#line option').count();
	await t.page.locator('#reason-stop-person').selectOption('not_needed');
	await t.press('Stop it for this person');
	assert.deepEqual(await t.error_fields(), ['line']);
	assert.ok(people > 2, `several people are supported, not ${people - 1}`);
	await t.page.locator('#line').selectOption({ index: people - 1 });
	await t.page.locator('#from_day-person').fill(in_days(1));
	await t.page.locator('#reason-stop-person').selectOption('not_needed');
	await t.press('Stop it for this person');
	await t.check('weekly-person-stopped');
	const now = await request_shown(t, 'officer');
	assert.ok(now.promise.lines.some((l) => l.until_day === in_days(1)), 'the lines of that person end');
});

test('nights of an interim stay are billed', async (t) => {
	await t.sign_in('officer');
	await t.go('/fund/delays');
	await t.leave(t.page.locator('tbody th a').first());
	assert.match(await t.heading(), /What this interim stay costs/);
	await t.check('stay');
	const placement = new URL(t.page.url()).pathname.split('/')[2];
	const { body: before } = await api('officer', 'GET', `/placements/${placement}/stay-bills`);
	const bill = t.page.getByRole('button', { name: /Bill £|I saw an invoice/ });

	if (await bill.count()) {
		await t.leave(bill.first());
		assert.match(await t.text(), /Request to the fund|Out of|not been stayed|no nights/i);
		await t.check('stay-billed');
	}
	const { body: after } = await api('officer', 'GET', `/placements/${placement}/stay-bills`);
	assert.ok(after.bills.length >= before.bills.length);
});

test('a request is divided between two pots', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await t.follow('Ask the fund');
	await t.page.locator('#category').selectOption('interpreting');
	await t.page.locator('#amount_pence').fill('60');
	await t.page.locator('#means-supplier').check();
	await t.page.locator('#evidence').selectOption('quote');
	await unfold(t, 'Choose the pots');
	await t.check('fund-split');
	const pot = async (n, name, pounds) => {
		await t.page.locator(`#parts-${n}-pot_year_id`).selectOption({ label: (await t.page.locator(`#parts-${n}-pot_year_id option`).allTextContents()).find((l) => l.startsWith(name)) });
		await t.page.locator(`#parts-${n}-amount_pence`).fill(pounds);
	};

	await pot(0, 'Flexible flee fund', '40');
	await pot(1, 'No recourse fund', '10');
	await t.press('Ask the fund');
	assert.deepEqual(await t.error_fields(), ['parts']);
	await t.check('fund-split-refused');
	await pot(1, 'No recourse fund', '');
	await t.press('Ask the fund');
	assert.deepEqual(await t.error_fields(), ['parts-1-amount_pence']);
	await pot(1, 'No recourse fund', '20');
	await t.press('Ask the fund');
	assert.match(await t.text(), /Flexible flee fund, .*£40\.00/);
	assert.match(await t.text(), /No recourse fund, .*£20\.00/);
	const path = new URL(t.page.url()).pathname;
	assert.deepEqual((await request_shown(t, 'approver')).parts.map((p) => p.amount_pence), [4000, 2000]);

	await t.page.locator('summary', { hasText: 'Change it' }).click();
	await t.page.locator('#amount_pence').fill('50');
	await t.page.locator('#parts-0-amount_pence').fill('45');
	await t.page.locator('#parts-1-amount_pence').fill('5');
	await t.check('fund-split-change');
	await t.press('Change it');
	assert.deepEqual((await request_shown(t, 'approver')).parts.map((p) => p.amount_pence), [4500, 500]);
	await t.sign_in('approver');
	await t.go('/fund/requests?waiting=true');
	assert.match(await t.text(), /No recourse fund: £5\.00/);
	await t.go(path);
	await t.press('Approve £50.00');
	assert.match(await t.text(), /Promised\s+£50\.00/);
	assert.equal((await request_shown(t, 'approver')).money.promised, 5000);
});

test('cards are bought in stock, handed out, lost and counted', async (t) => {
	await t.sign_in('finance');
	await t.go('/fund/payments');
	await t.follow('cards in stock');
	await t.press('Put them into stock');
	assert.deepEqual(await t.error_fields(), ['pot_year_id', 'kind', 'face_pence', 'numbers', 'supplier', 'invoice']);
	await t.check('stock-refused');
	await t.page.locator('#pot_year_id').selectOption({ label: (await t.page.locator('#pot_year_id option').allTextContents()).find((l) => l.startsWith('Flexible flee fund')) });
	await t.page.locator('#kind-prepaid_card').check();
	await t.page.locator('#face_pence').fill('25');
	await t.page.locator('#numbers').fill('7001 to 7030\n7001');
	await t.page.locator('#supplier').fill('A card company');
	await t.page.locator('#invoice').fill('INV 12');
	await t.press('Put them into stock');
	assert.deepEqual(await t.error_fields(), ['numbers']);
	await t.page.locator('#numbers').fill('7001 to 7030');
	await t.press('Put them into stock');
	assert.match(await t.text(), /Prepaid cards\s+£25\.00\s+30\s+£750\.00/);
	await t.check('stock');
	await t.follow('Each card in stock');
	await t.check('stock-cards');
	await t.follow('Show more');
	assert.match(await t.text(), /70\d\d/);
	const { body: stock } = await api('finance', 'GET', '/fund/stock');
	assert.deepEqual(stock.in_stock.map((s) => s.cards), [30]);

	await t.sign_in('navigator');
	await refer(t);
	await t.follow('Ask the fund');
	await t.page.locator('#category').selectOption('travel');
	await t.page.locator('#amount_pence').fill('25');
	await t.page.locator('#means-prepaid_card').check();
	await t.press('Ask the fund');
	const path = new URL(t.page.url()).pathname;
	await approve(t, path, 'Approve £25.00');
	await t.sign_in('navigator');
	await t.go(path);
	assert.match(await t.text(), /In stock for this request: 30, 30 of £25\.00/);
	await t.page.locator('#serial').fill('9999');
	await t.press('Record that it was handed out');
	assert.deepEqual(await t.error_fields(), ['serial']);
	await t.check('stock-issue-refused');
	await t.page.locator('#serial').fill('7001');
	await t.press('Record that it was handed out');
	assert.match(await t.text(), /Paid/);
	assert.equal((await request_shown(t, 'approver')).money.paid, 2500);

	await t.sign_in('finance');
	const { body: cards } = await api('finance', 'GET', '/fund/cards?state=in_stock&limit=1');
	await t.go(`/fund/cards/${cards.items[0].id}`);
	await unfold(t, 'It is lost');
	await t.check('stock-card');
	await t.page.locator('#loss-stolen').check();
	await t.press('Report the loss');
	assert.match(await t.text(), /A colleague confirms the loss/);
	await t.sign_in('approver');
	await t.go(`/fund/cards/${cards.items[0].id}`);
	await t.check('stock-loss');
	await t.press('Confirm the loss');
	assert.equal((await api('finance', 'GET', `/fund/cards/${cards.items[0].id}`)).body.state, 'lost');

	await t.sign_in('finance');
	await t.go('/fund/stock-counts');
	await t.page.locator('#kind-prepaid_card').check();
	await t.page.locator('#face_pence').fill('25');
	await t.page.locator('#counted').fill('27');
	await t.press('Record the count');
	assert.match(await t.text(), /Differs/);
	await t.check('stock-counts');
	await t.sign_in('payments');
	await t.go('/fund/stock');
	await t.follow(/count differs from the books/);
	await t.leave(t.page.locator('.haven-card a').first());
	await t.page.locator('#reason-counted_wrongly').check();
	await t.check('stock-count');
	await t.press('Record it');
	assert.match(await t.text(), /Explained/);
	assert.equal((await api('finance', 'GET', '/fund/stock')).body.open_counts, 0);
});
