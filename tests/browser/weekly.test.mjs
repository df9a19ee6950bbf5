import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { api, refer, unfold } from './steps.mjs';

const in_days = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);

async function ask_weekly(t, category, end, weekly) {
	await t.page.locator(`#category-${category}`).check();
	await t.page.locator('#start_on').fill(in_days(1));
	await t.page.locator('#end_on').fill(in_days(end));
	await t.page.locator('#review_on').fill(in_days(8));
	await t.page.locator('#weekly_pence').fill(weekly);
	await t.page.locator('#means-supplier').check();
	await t.press('Ask the fund');
}

test('weekly support is asked for, approved, reviewed and stopped', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await t.follow('Ask the fund');
	await t.follow('Ask for weekly support');
	await t.check('weekly-ask');
	await t.press('Ask the fund');
	assert.deepEqual(await t.error_fields(), ['category', 'start_on', 'end_on', 'review_on', 'means']);
	await ask_weekly(t, 'nrpf_accommodation', 22, '');
	assert.deepEqual(await t.error_fields(), ['weekly_pence']);
	await t.check('weekly-refused');
	await ask_weekly(t, 'nrpf_accommodation', 22, '100.50');
	assert.match(await t.text(), /£301\.50, Accommodation without recourse/);
	assert.match(await t.text(), /Waits for approval/);
	assert.equal(await t.page.title(), 'Request to the fund - Haven', 'the title names nobody');
	const path = new URL(t.page.url()).pathname;

	await t.sign_in('approver');
	await t.go(path);
	await unfold(t, 'What each week costs');
	await t.check('weekly-decide');
	await t.press('Approve £301.50');
	assert.match(await t.text(), /Promised\s+£301\.50/);

	await t.sign_in('navigator');
	await t.go(path);
	await unfold(t, 'The need goes on');
	await unfold(t, /^\s*Stop it\s*$/);
	await t.check('weekly-support');
	await t.page.locator('#review_on').fill(in_days(15));
	await t.press('The need goes on');
	await unfold(t, /^\s*Stop it\s*$/);
	await t.page.locator('#from_day').fill(in_days(8));
	await t.page.locator('#reason-stop').selectOption('leave_granted');
	await t.press(/^Stop it$/);
	assert.match(await t.text(), /Leave with recourse to public funds was granted/);
	assert.match(await t.text(), /given back £201\.00/);
	await t.check('weekly-stopped');
});

test('finance sees what is paid past its need, and what delay costs', async (t) => {
	await t.sign_in('finance');
	await t.go('/fund/requests');
	await t.follow('paid past need');
	assert.match(await t.text(), /To be settled\s+£206\.86/);
	await t.check('past-need');
	await t.leave(t.page.locator('.haven-card a').first());
	assert.match(await t.text(), /Paid too much/);
	await t.check('overpaid');
	await t.page.locator('select[name=reason]').first().selectOption('provider_refunded');
	await t.press('It came back');
	assert.match(await t.text(), /Came back £206\.86/);
	await t.go('/fund/delays');
	await t.check('delays');
});

test('a place that nearly fits leads to the form, filled in', async (t) => {
	const { body: homes } = await api('officer', 'GET', '/households?reference=H-DTYYSB');
	const { body: asked } = await api('officer', 'GET', `/households/${homes.items[0].id}/fund-requests`);

	await t.sign_in('officer');
	await t.go(`/referrals/${asked.household.referral_id}`);
	await unfold(t, 'Places that one change would make fit');
	await t.check('near-miss-fund');
	await t.leave(t.page.getByRole('link', { name: /^Ask the fund for \d+ nights/ }).first());
	assert.equal(await t.heading(), 'Ask for weekly support');
	assert.match(await t.text(), /What it would cost/);
	assert.ok(await t.page.locator('#start_on').inputValue());
	assert.ok(await t.page.locator('#category-nrpf_accommodation').isChecked());
	await t.check('weekly-filled-in');
});
