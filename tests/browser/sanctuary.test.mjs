import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { refer } from './steps.mjs';

/* The form of an act, from the job's page: what is to be checked, and the values of its fields. */
async function act(t, name, checks = [], fill = {}, select = {}) {
	await t.follow(name);
	for (const id of checks)
		await t.page.locator(`#${id}`).check();
	for (const [id, value] of Object.entries(fill))
		await t.page.locator(`#${id}`).fill(value);
	for (const [id, value] of Object.entries(select))
		await t.page.locator(`#${id}`).selectOption(value);
	await t.press(name);
}

async function section(t, name, checks, more = async () => {}) {
	await t.follow(name);
	for (const id of checks)
		await t.page.locator(`#${id}`).check();
	await more();
	await t.press('Save this section');
}

async function survey(t, path) {
	await t.go(`${path}/survey`);
	await t.check('sanctuary-survey');
	await t.follow('Before you begin');
	await t.press('Save this section');
	assert.deepEqual(await t.error_fields(), ['householder_present', 'safe_to_talk']);
	await t.check('sanctuary-section-refused');
	await t.page.locator('#householder_present-yes').check();
	await t.page.locator('#safe_to_talk-yes').check();
	await t.press('Save this section');
	await section(t, 'The home', [], () => t.page.locator('#kind').selectOption('house'));
	await section(t, 'Fire', ['alarm_each_floor-no']);
	await section(t, 'Outside', ['lit-no']);
	await section(t, 'Devices', ['advice_given-yes']);
	await section(t, 'What people need', ['can_work_bolts-yes']);
	await section(t, 'Safe times', ['days-monday'], async () => {
		await t.page.locator('#from').fill('09:30');
		await t.page.locator('#until').fill('15:00');
	});
	await section(t, 'Tonight', ['stay_elsewhere-no']);
	await section(t, 'Outcome', ['asbestos_suspected-no']);
	await t.follow('Record an opening');
	await t.page.locator('#opening').selectOption('front_door');
	await t.page.locator('#fire_door').selectOption('not_marked');
	await t.check('sanctuary-opening');
	await t.press('Save this opening');
}

test('a home is referred from the case, and goes from the conditions to an approved specification', async (t) => {
	await t.sign_in('officer');
	await refer(t);
	await t.page.locator('a', { hasText: 'Sanctuary scheme' }).first().click();
	await t.check('sanctuary-case');
	await t.page.locator('#lines').fill('3 Merlin Demonstration Way');
	await t.page.locator('#postcode').fill('TS4 2ZZ');
	await t.press('Record the address');
	await t.go(new URL(t.page.url()).pathname.replace('/secrets', '/sanctuary-jobs'));
	await t.press('Refer to the sanctuary scheme');
	assert.deepEqual(await t.error_fields(), ['address_safe']);
	await t.page.locator('#wants_to_stay-yes').check();
	await t.page.locator('#address_safe-yes').check();
	await t.press('Refer to the sanctuary scheme');
	const path = new URL(t.page.url()).pathname;

	assert.match(await t.text(), /Referred/);
	assert.equal(await t.page.title(), 'Sanctuary job - Haven', 'the title names nobody');
	for (const condition of ['perpetrator_away', 'sole_occupation', 'consent'])
		await act(t, 'Answer a condition', [`condition-${condition}`, 'answer-yes', 'source-household']);
	await t.check('sanctuary-job');

	await t.sign_in('sanctuary');
	await t.go('/sanctuary');
	await t.check('sanctuary-board');
	await t.go('/sanctuary/jobs');
	await t.check('sanctuary-jobs');
	await t.go('/sanctuary/measures');
	await t.check('sanctuary-measures');
	await t.go(path);
	await act(t, 'Accept the referral');
	assert.match(await t.text(), /Eligible/);
});

test('a coordinator surveys and specifies on a phone, fire rules refuse, and finance approves', async (t) => {
	await t.sign_in('sanctuary');
	await t.go('/sanctuary/jobs?state=consent_granted');
	await t.leave(t.page.locator('th a.govuk-link').first());
	const path = new URL(t.page.url()).pathname;

	await survey(t, path);
	await t.go(path);
	await act(t, 'Complete the survey');
	assert.match(await t.text(), /Surveyed/);
	await t.follow('Specify the works');
	await t.page.locator('#lines-0-measure').selectOption('lock_euro');
	await t.page.locator('#lines-0-opening').selectOption('front_door');
	await t.page.locator('#lines-0-quantity_tenths').fill('20');
	await t.press('Specify the works');
	assert.match(await t.text(), /A fire and safety rule must be confirmed/);
	assert.equal(await t.page.locator('#lines-0-measure').inputValue(), 'lock_euro', 'what was typed stays');
	await t.check('sanctuary-specify-refused');
	await t.page.locator('#lines-0-confirmed-keyless_inside').check();
	await t.page.locator('#lines-1-measure').selectOption('smoke');
	await t.page.locator('#lines-1-opening').selectOption('whole_home');
	await t.page.locator('#lines-1-quantity_tenths').fill('20');
	await t.press('Specify the works');
	assert.match(await t.text(), /£234.00/);
	await t.check('sanctuary-specified');

	await t.sign_in('approver');
	await t.go(path);
	await t.check('sanctuary-for-finance');
	await t.follow('Approve');
	await t.check('sanctuary-approve');
	await t.press('Approve');
	assert.match(await t.text(), /Approved/);
	await t.sign_in('officer');
	await t.go(`${path}/letter`);
	await t.check('sanctuary-letter');
});
