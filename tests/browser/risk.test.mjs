import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { refer, unfold } from './steps.mjs';

async function answer(t, from, to, label) {
	for (let n = from; n < to; n++)
		await t.page.locator(`#dash-${n}-answer-${label}`).check();
}

async function source(t) {
	await t.page.locator('#dash_tool').fill('2009');
	await t.page.locator('#dash_asker').selectOption('own_service');
	await t.page.locator('#dash_informant').selectOption('applicant');
}

async function risk_page(t) {
	await t.sign_in('navigator');
	await refer(t);
	assert.match(await t.text(), /Not assessed: counts as high/);
	await t.follow('Risk and priority');
	assert.equal(await t.page.title(), 'Risk and priority - Haven', 'the title names nobody');
}

async function fill_date(t, name, day) {
	for (const [part, value] of [['day', day.getDate()], ['month', day.getMonth() + 1], ['year', day.getFullYear()]])
		await t.page.locator(`#${name}-${part}`).fill(String(value));
}

test('a risk is assessed, is a range, and then high: a MARAC is proposed and recorded', async (t) => {
	await risk_page(t);
	await t.check('risk');
	await t.page.locator('#dash summary').click();
	await answer(t, 0, 5, 'yes');
	await answer(t, 5, 8, 'no');
	await t.press('Record the assessment');
	assert.deepEqual(await t.error_fields(), ['dash_tool', 'dash_asker', 'dash_informant']);
	assert.ok(await t.page.locator('#dash-4-answer-yes').isChecked(), 'answers are kept');
	await t.check('risk-refused');
	await source(t);
	await t.press('Record the assessment');
	assert.match(await t.text(), /At least Standard, possibly High: counts as High/);
	await t.page.locator('#dash summary').click();
	assert.ok(await t.page.locator('#dash-4-answer-yes').isChecked(), 'the stored answers stand in the form');
	await answer(t, 0, 14, 'yes');
	await source(t);
	await t.press('Record the assessment');
	assert.match(await t.text(), /Refer them to a MARAC/);
	await t.check('risk-marac');
	await t.go('/tasks?mine=true');
	assert.match(await t.text(), /Refer to a MARAC/);
	await t.check('tasks');
	await t.page.goBack();
	await t.press('Record that they are referred today');
	assert.doesNotMatch(await t.text(), /Refer them to a MARAC/);
	assert.match(await t.text(), /not heard yet/);
	await t.follow(/^Referred /);
	await t.check('marac');
	await t.press('Record the day');
	assert.match((await t.error_fields()).join(), /^heard_on/);
	await fill_date(t, 'heard_on', new Date(Date.now() - 864e5));
	await t.press('Record the day');
	assert.match((await t.error_fields()).join(), /^heard_on/, 'not before they were referred');
	await fill_date(t, 'heard_on', new Date());
	await t.press('Record the day');
	assert.match(await t.text(), /, heard /);
});

test('a MARAC that is not needed needs a reason', async (t) => {
	await risk_page(t);
	await t.page.locator('#risk_level').selectOption('high');
	await t.press('Record the assessment');
	await t.follow('It is not needed');
	await t.check('task');
	await t.press('Record that it is not needed');
	assert.deepEqual(await t.error_fields(), ['reason']);
	await t.page.locator('#reason').fill('Heard in another area');
	await t.press('Record that it is not needed');
	assert.doesNotMatch(await t.text(), /Refer them to a MARAC/);
});

test('a band is calculated in words, and set by hand with a reason', async (t) => {
	await risk_page(t);
	assert.match(await t.text(), /No place tonight: lost the home through abuse/);
	await t.page.locator('#band').selectOption('band_2');
	await t.press('Set the band');
	assert.deepEqual(await t.error_fields(), ['band_reason']);
	await t.page.locator('#band').selectOption('band_2');
	await t.page.locator('#band_reason').fill('Agreed with the panel');
	await t.press('Set the band');
	assert.match(await t.text(), /Set by a person, with a reason: Agreed with the panel/);
	await t.check('band-set');
});

test('a standard-risk police notification gets self-referral information', async (t) => {
	await t.sign_in('navigator');
	await t.go('/referrals/new');
	await t.page.locator('#household-members-0-age').fill('34');
	await t.page.locator('#household-members-0-sex').selectOption('female');
	await t.page.locator('#household-situation').selectOption('friends');
	await unfold(t, /^\s*Risk\s*$/);
	await t.page.locator('#household-risk_level').selectOption('standard');
	await unfold(t, 'Who refers them');
	await t.page.locator('#source').selectOption('police');
	await t.press('Find places');
	assert.equal(await t.heading(), 'No specialist referral');
	await t.check('self-referral');
	await t.press('Record that they were given it');
	assert.match(await t.text(), /Given .* by /);
	await t.follow('assess it again');
	await t.page.locator('#risk_level').selectOption('medium');
	await t.press('Record the assessment');
	await t.go('/referrals');
	assert.match(await t.text(), /Medium/);
});
