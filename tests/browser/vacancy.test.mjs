import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { post_vacancy, withdraw } from './steps.mjs';

test('a provider posts a vacancy in three taps', async (t) => {
	await t.sign_in('provider');
	const { taps } = await post_vacancy(t);

	assert.ok(taps <= 3, `${taps} taps`);
	assert.match(await t.heading(), /^Confirmed at \d{1,2}:\d\d[ap]m$/);
	assert.equal(await t.page.title(), 'Vacancy - Haven', 'the title names no place');
	await t.check('vacancy-posted');
	await withdraw(t);
});

test('posting without a unit says so at the field', async (t) => {
	await t.sign_in('provider');
	await t.follow('Post a vacancy');
	await t.check('vacancy-new');
	await t.press('Post vacancy');
	assert.match(await t.page.title(), /^Error: /);
	assert.deepEqual(await t.error_fields(), ['unit_id']);
	assert.equal(await t.page.locator('#unit_id .govuk-error-message').count(), 1);
	await t.check('vacancy-new-refused');
});

test('a vacancy is confirmed again in one tap and withdrawn with a reason', async (t) => {
	await t.sign_in('provider');
	const { path } = await post_vacancy(t);

	await t.go('/vacancies');
	await t.check('vacancies');
	await t.press('Still available');
	assert.equal(new URL(t.page.url()).pathname, '/vacancies', 'it stays with the list');
	await t.press('All are still available');
	await t.check('vacancies-confirmed');
	await t.go(path);
	await withdraw(t);
	assert.match(await t.text(), /Withdrawn/i);
	await t.check('vacancy-withdrawn');
});
