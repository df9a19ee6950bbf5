import assert from 'node:assert/strict';
import { test } from './harness.mjs';

const day = (n) => new Date(Date.now() + n * 86400000).toLocaleDateString('en-CA', { timeZone: 'Europe/London' });

/* Orders every line of a demonstration job from the first firm, safe tomorrow from 8 to 6. The job's path. */
async function order_works(t) {
	await t.sign_in('sanctuary');
	await t.go('/sanctuary/jobs?state=approved');
	await t.leave(t.page.locator('th a.govuk-link').first());
	const path = new URL(t.page.url()).pathname;

	await t.follow('The works');
	assert.equal(new URL(t.page.url()).pathname, `${path}/works`);
	await t.check('works-to-order');
	for (const select of await t.page.locator('select[name$=-firm_id]').all())
		await select.selectOption({ label: 'Tees Secure Homes' });
	await t.page.locator('#local_authority').last().selectOption('E06000002');
	await t.press('Offer the orders');
	assert.ok((await t.error_fields()).length, 'the safe times are missing');
	for (const select of await t.page.locator('select[name$=-firm_id]').all())
		await select.selectOption({ label: 'Tees Secure Homes' });
	const form = t.page.locator('form[action$="/order"]');

	await form.locator('#local_authority').selectOption('E06000002');
	await form.locator('#ways-ring').check();
	await form.locator('#windows-0-day').fill(day(1));
	await form.locator('#windows-0-from').fill('08:00');
	await form.locator('#windows-0-until').fill('18:00');
	await t.press('Offer the orders');
	assert.match(await t.text(), /Ordered/);
	await t.check('works-ordered');
	await t.follow('Back to the job');
	assert.equal(new URL(t.page.url()).pathname, path);
	return path;
}

/* My jobs, the offer, which tells neither home nor name nor hour. The order's path. */
async function answer_offer(t) {
	await t.sign_in('contractor');
	await t.go('/');
	await t.check('contractor-start');
	await t.follow('My jobs');
	assert.equal(await t.heading(), 'My jobs');
	await t.check('contractor-jobs');
	await t.leave(t.page.locator('.haven-card--ask a.govuk-link').first());
	const path = new URL(t.page.url()).pathname, text = await t.text();

	assert.match(text, /Middlesbrough/);
	assert.match(text, /Euro cylinder/);
	assert.doesNotMatch(text, /TS\d|H-[A-Z0-9]{6}|S-[A-Z0-9]{6}|18:00|Your word/, 'an offer tells area, measures and days alone');
	assert.equal(await t.page.getByRole('button', { name: 'Show the address' }).count(), 0);
	assert.equal(await t.page.title(), 'Works order - Haven');
	await t.check('contractor-offer');
	await t.press('Accept');
	assert.match(await t.text(), /Your word at the door/);
	await t.check('contractor-accepted');
	return path;
}

async function book(t) {
	await t.page.locator('#day').fill(day(1));
	await t.page.locator('#from').fill('19:00');
	await t.page.locator('#until').fill('20:00');
	await t.page.locator('#agreed').selectOption('by_telephone');
	await t.press('Book');
	assert.deepEqual(await t.error_fields(), ['from'], 'not outside the safe times');
	await t.check('contractor-booking-refused');
	await t.page.locator('#from').fill('09:00');
	await t.page.locator('#until').fill('11:00');
	await t.press('Book');
	assert.match(await t.text(), /Booked/);
}

async function report(t) {
	await t.follow('Report done');
	await t.check('contractor-report');
	for (const fitted of await t.page.locator('input[name$=-fitted]').all())
		await fitted.fill('2');
	await t.page.locator('#alarms_tested-yes').check();
	await t.page.locator('#keys_made').fill('4');
	await t.page.locator('#keys_given').fill('3');
	await t.page.locator('#home_secure-yes').check();
	await t.press('Send the report');
	assert.ok((await t.error_fields()).length, 'a line has one, and a key is missing');
	await t.check('contractor-report-refused');
	for (const line of await t.page.locator('fieldset:has(input[name$=-fitted])').all()) {
		const quantity = (await line.locator('legend').textContent()).match(/: (\d+) /)[1];

		await line.locator('input[name$=-fitted]').fill(quantity);
	}
	await t.page.locator('#keys_given').fill('4');
	await t.press('Send the report');
	assert.match(await t.text(), /Done/);
	await t.check('contractor-done');
}

test('a contractor on a phone goes from the offer to the report, and the coordinator sees what was looked at', async (t) => {
	const job = await order_works(t);
	const order = await answer_offer(t);

	await book(t);
	await t.press('Show the address');
	assert.match(await t.page.locator('address').innerText(), /[A-Z]{2}\d+ \d[A-Z]{2}/);
	assert.equal(await t.page.title(), 'For this job - Haven', 'the title tells nothing');
	await t.check('contractor-address');
	await t.follow('Hide it');
	await t.press('I am there');
	assert.match(await t.text(), /On site/);
	await t.check('contractor-on-site');
	await report(t);

	const coordinator = await t.another();

	await coordinator.sign_in('sanctuary');
	await coordinator.go(order);
	assert.match(await coordinator.text(), /What the firm was shown[\s\S]*Colin Yarmfield/);
	await coordinator.check('works-done-for-coordinator');
	await coordinator.press('Take the works over');
	await coordinator.go(`${job}/works`);
	assert.match(await coordinator.text(), /Installed/);
	await coordinator.check('works-sign-off');
	await coordinator.press('Sign off');
	assert.ok((await coordinator.error_fields()).includes('way'));
	await coordinator.check('works-sign-off-refused');
	await coordinator.page.locator('#way').selectOption('telephone');
	await coordinator.page.locator('#interpreter-no').check();
	for (const said of ['all_there', 'all_work', 'can_use', 'keys_hers', 'alarms_heard', 'devices_hers'])
		await coordinator.page.locator(`#${said}-yes`).check();
	await coordinator.page.locator('#keys').fill('4');
	await coordinator.press('Sign off');
	assert.match(await coordinator.text(), /Signed off/i);
	await coordinator.check('works-signed-off');

	await officer_reads(await t.another(), job);
});

/* The housing officer comes from the case to the job and its works, and has no button of the coordinator's. */
async function officer_reads(t, job) {
	await t.sign_in('officer');
	await t.go(job);
	await t.leave(t.page.locator('.govuk-summary-list a.govuk-link[href$="/sanctuary-jobs"]'));
	await t.check('case-sanctuary-signed-off');
	await t.leave(t.page.locator(`a[href="${job}"]`).first());
	await t.check('job-signed-off-for-officer');
	await t.follow('The works');
	assert.equal(await t.page.getByRole('button', { name: 'Close the job before its reviews' }).count(), 0);
	await t.check('works-signed-off-for-officer');
}
