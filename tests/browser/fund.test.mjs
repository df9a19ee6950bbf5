import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { refer } from './steps.mjs';

async function ask(t, category, pounds) {
	await t.page.locator('#category').selectOption(category);
	await t.page.locator('#amount_pence').fill(pounds);
	await t.page.locator('#means-voucher').check();
	await t.press('Ask the fund');
}

test('a navigator asks, an approver sends back and approves, and the pot shows it', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await t.follow('Ask the fund');
	await t.check('fund-ask');
	await t.press('Ask the fund');
	assert.deepEqual(await t.error_fields(), ['category', 'amount_pence', 'means']);
	await ask(t, 'travel', '600');
	assert.match(await t.text(), /more than the most of such help in 12 months: £0.00 so far, at most £500.00/);
	assert.equal(await t.page.locator('#category').inputValue(), 'travel', 'what was typed stays');
	await t.check('fund-refused');
	await ask(t, 'travel', '42.50');
	assert.match(await t.text(), /Waits for approval/);
	assert.equal(await t.page.title(), 'Request to the fund - Haven', 'the title names nobody');
	await t.check('fund-request');
	const path = new URL(t.page.url()).pathname;

	await t.sign_in('approver');
	await t.go(path);
	assert.match(await t.text(), /Had in 12 months/);
	await t.check('fund-decide');
	await t.page.locator('summary', { hasText: 'Send back' }).click();
	await t.page.locator('#reason-send-back').selectOption('amount_unclear');
	await t.press('Send back');
	assert.match(await t.text(), /Sent back/);

	await t.sign_in('navigator');
	await t.go('/tasks');
	assert.match(await t.text(), /Change a request that was sent back/);
	await t.check('fund-work');
	await t.go(path);
	await t.page.locator('summary', { hasText: 'Change it' }).click();
	await t.page.locator('#amount_pence').fill('40');
	await t.press('Change it');
	assert.match(await t.text(), /Waits for approval/);

	await t.sign_in('approver');
	await t.go('/fund/requests?waiting=true');
	await t.check('fund-queue');
	await t.go(path);
	await t.press('Approve £40.00');
	assert.match(await t.text(), /Approved/);
	assert.match(await t.text(), /Promised\s+£40.00/);
});

test('finance sets up a pot, gives it money, opens it, and sets who may approve how much', async (t) => {
	await t.sign_in('finance');
	await t.go('/fund/years');
	await t.check('fund-pots');
	await t.follow('set up a pot');
	await t.check('fund-new-pot');
	await t.page.locator('#name').fill('Winter pot');
	await t.page.locator('#funder').fill('A trust');
	await t.page.locator('#categories-travel').check();
	await t.press('Set it up');
	assert.match(await t.text(), /Winter pot/);
	await t.page.locator('#change-more').check();
	await t.page.locator('#amount_pence').fill('1,000.50');
	await t.press('Change the budget');
	assert.match(await t.text(), /£1,000.50/);
	await t.press('Make it Open');
	await t.check('fund-year');
	await t.follow('what moved');
	assert.match(await t.text(), /Budget added/);
	await t.check('fund-moved');
	await t.go('/fund/limits');
	await t.check('fund-limits');
	await t.page.locator('#role').selectOption('finance_approver');
	await t.page.locator('#single_pence').fill('500');
	await t.page.locator('#month_pence').fill('100');
	await t.press('Set it');
	assert.deepEqual(await t.error_fields(), ['month_pence']);
});

test('what is promised is paid: the payee checked, a run frozen, exported and confirmed by the bank', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await t.follow('Ask the fund');
	await t.page.locator('#category').selectOption('travel');
	await t.page.locator('#amount_pence').fill('31.20');
	await t.page.locator('#means-bank_transfer').check();
	await t.press('Ask the fund');
	const path = new URL(t.page.url()).pathname;
	await t.page.locator('summary', { hasText: 'Record who is paid' }).click();
	await t.check('fund-payee-form');
	await t.page.locator('#account_name').fill('A Letting Agent');
	await t.page.locator('#sort_code').fill('2040');
	await t.press('Record the payee');
	assert.deepEqual(await t.error_fields(), ['kind', 'sort_code', 'account_number']);
	await t.page.locator('#kind-landlord').check();
	await t.page.locator('#account_name').fill('A Letting Agent');
	await t.page.locator('#sort_code').fill('20-40-60');
	await t.page.locator('#account_number').fill('31510604');
	await t.press('Record the payee');
	assert.match(await t.text(), /not checked yet/);
	assert.doesNotMatch(await t.text(), /31510604|Letting Agent/);

	await t.sign_in('approver');
	await t.go(path);
	await t.press('Approve £31.20');
	assert.doesNotMatch(await t.text(), /31510604|Letting Agent/);

	await t.sign_in('finance');
	await t.go('/fund/payable');
	assert.match(await t.text(), /Somebody must check the payee/);
	await t.check('fund-payable');
	await t.go(path);
	await t.follow('A landlord or letting agent');
	await t.press('I checked them with the payee');
	assert.match(await t.text(), /not looked at the bank details/);
	await t.check('fund-payee');
	await t.press('Show the bank details');
	assert.match(await t.text(), /31510604/);
	await t.check('fund-payee-shown');
	await t.follow('I have compared them');
	await t.press('I checked them with the payee');
	assert.match(await t.text(), /checked/);

	await t.go('/fund/runs');
	await t.press('Begin a run');
	assert.deepEqual(await t.error_fields(), ['pay_on']);
	await t.page.locator('#pay_on').fill(new Date().toLocaleDateString('en-CA', { timeZone: 'Europe/London' }));
	await t.press('Begin a run');
	await t.check('fund-run-draft');
	await t.press('Freeze the run');
	assert.match(await t.text(), /Frozen/);
	await t.press('Export the run');
	assert.match(await t.text(), /Download the payments file/);
	await t.check('fund-run');
	const reference = (await t.text()).match(/HV[0-9A-Z]{9}/)[0];
	await t.go('/tasks');
	assert.match(await t.text(), /Export or confirm a payment run/);

	await t.sign_in('payments');
	await t.go('/fund/statements');
	await t.page.locator('#account_label').fill('Main account');
	await t.page.locator('#text').fill('date,amount\n2026-11-30,x');
	await t.press('Read it in');
	assert.match(await t.text(), /Row 2: the amount is no number/);
	await t.check('fund-statement-refused');
	await t.page.locator('#account_label').fill('Main account');
	const day = new Date().toLocaleDateString('en-CA', { timeZone: 'Europe/London' });
	await t.page.locator('#text').fill(`date,amount,reference\n${day},-31.20,BGC ${reference}\n${day},-5.00,UNKNOWN`);
	await t.press('Read it in');
	assert.match(await t.text(), /A payment of ours: confirm it/);
	await t.check('fund-statement');
	await t.press('Apply the rows I chose, or all that are certain');
	assert.match(await t.text(), /Settled/);
	await t.go(path);
	assert.match(await t.text(), /Paid/);
	await t.follow(reference);
	await t.check('fund-payment');
	await t.go('/fund/payments');
	await t.check('fund-payments');
	await t.go('/fund/runs');
	await t.check('fund-runs');
});

test('finance sees the forecast, how long it takes, and exports to the general ledger', async (t) => {
	await t.sign_in('finance');
	await t.go('/fund/years');
	await t.follow('forecast to year end');
	await t.check('fund-forecasts');
	await t.page.locator('tbody th a').first().click();
	await t.page.waitForLoadState();
	assert.match(await t.text(), /forecast to 31 March/);
	await t.page.locator('summary', { hasText: 'How this is computed' }).click();
	await t.check('fund-forecast');
	await t.go('/fund/days');
	await t.check('fund-days');
	await t.go('/fund/gl-settings');
	await t.check('fund-gl-settings');
	await t.page.locator('#clearing_code').fill('009900');
	await t.press('Save');
	assert.match(await t.text(), /General ledger/);
	await t.check('fund-gl-batches');
	await t.press('Make a batch');
	assert.match(await t.text(), /Workbook/);
	await t.check('fund-gl-batch');
	await t.go('/fund/gl-batches');
	await t.press('Make a batch');
	assert.match(await t.text(), /Everything is exported/);
});

test('an administrator sees when jobs last ran', async (t) => {
	await t.sign_in('admin');
	await t.go('/jobs');
	assert.match(await t.text(), /Signing the audit trail/);
	await t.check('jobs');
});
