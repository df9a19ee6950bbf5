import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { refer, unfold } from './steps.mjs';

async function said(t) {
	await unfold(t, 'What they said');
	return (await t.page.locator('#said').innerText()).replace(/\s+/g, ' ');
}

async function edit(t) {
	await unfold(t, 'What they said');
	await t.follow('Change what they said');
}

function pick(t, field, answer) {
	return t.page.locator(`label[for=household-${field}-${answer}]`).click();
}

test('what a household said is changed and searched again', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	const referral = new URL(t.page.url()).pathname;

	await unfold(t, 'What they said');
	await t.follow(/^Change\s*: Pregnant/);
	assert.equal(await t.heading(), 'Change what they said');
	assert.equal(new URL(t.page.url()).hash, '#household-pregnant');
	assert.equal(await t.page.locator('#household-situation').inputValue(), 'rough', 'the form begins with what is recorded');
	assert.equal(await t.page.locator('#household-immigration_status').inputValue(), 'not_asked');
	await t.check('household-edit');
	await pick(t, 'pregnant', 'yes');
	await pick(t, 'pets', 'yes');
	await pick(t, 'step_free', 'yes');
	await pick(t, 'nrpf', 'no');
	await t.page.locator('#household-immigration_status').selectOption('settled');
	await t.page.locator('#household-support_needs-2-need').check({ force: true });
	await t.page.locator('#household-support_needs-2-severity').selectOption('high');
	await t.page.locator('#household-support_needs-4-severity').selectOption('low');
	await t.page.locator('#household-situation').selectOption('friends');
	await t.page.locator('#household-shortest_stay_days').fill('30');
	await t.page.locator('#none-poses').check({ force: true });
	await t.press('Save, and search again');
	assert.equal(new URL(t.page.url()).pathname, referral, 'back at the answer');
	const told = await said(t);

	for (const line of ['With friends or family', 'Pregnant Yes', 'Pet Yes', 'No steps Yes', 'Immigration status Settled', 'Alcohol, High',
		'At least 30 nights'])
		assert.ok(told.toLowerCase().includes(line.toLowerCase()), `${line}: ${told}`);
	assert.doesNotMatch(told, /Arson/, 'a severity alone is no need');
	await t.follow('Change what they said');
	assert.ok(await t.page.locator('#household-support_needs-2-need').isChecked());
	assert.equal(await t.page.locator('#household-support_needs-2-severity').inputValue(), 'high');
	assert.ok(await t.page.locator('#none-poses').isChecked(), 'none of these was an answer');
	await t.page.locator('#household-support_needs-2-need').uncheck({ force: true });
	await pick(t, 'pets', 'unknown');
	await t.page.locator('#household-shortest_stay_days').fill('');
	await t.press('Save, and search again');
	const cleared = await said(t);

	assert.match(cleared, /Pet Not known/);
	assert.match(cleared, /Support Not asked/);
	assert.doesNotMatch(cleared, /At least/);
	assert.match(cleared, /No steps Yes/, 'what was not touched stays');
});

test('a mistake in what they said comes back with everything entered', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await edit(t);
	await t.page.locator('#household-due_on-day').fill('1');
	await t.page.locator('#household-due_on-month').fill('13');
	await t.page.locator('#household-due_on-year').fill('2027');
	await t.page.locator('#household-other_language').fill('Elvish');
	await pick(t, 'pets', 'no');
	await t.press('Save, and search again');
	assert.deepEqual((await t.error_fields()).sort(), ['household-due_on-day', 'household-other_language']);
	assert.ok(await t.page.locator('#household-pets-no').isChecked());
	assert.ok(await t.page.locator('#now').isVisible(), 'what is recorded stands above');
	await t.check('household-edit-refused');
});

test('two who change one household: the later one is told, and sees what is there now', async (t) => {
	const other = await t.another();

	await t.sign_in('navigator');
	await refer(t);
	await edit(t);
	await other.sign_in('navigator');
	await other.go(t.page.url());
	await pick(other, 'pets', 'yes');
	await other.press('Save, and search again');
	await t.page.locator('#household-situation').selectOption('friends');
	await t.press('Save, and search again');
	assert.equal(await t.heading(), 'Change what they said');
	assert.match(await t.text(), /Somebody else changed this/);
	assert.match((await t.page.locator('#now').innerText()).replace(/\s+/g, ' '), /Pet Yes/);
	assert.equal(await t.page.locator('#household-situation').inputValue(), 'friends', 'what was entered stays');
	await t.check('household-edit-conflict');
	await pick(t, 'pets', 'yes');
	await t.press('Save, and search again');
	const told = await said(t);

	assert.match(told, /Pet Yes/);
	assert.match(told, /friends/i);
});

test('somebody is added, changed, paired, and leaves', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await edit(t);
	await t.follow('Add somebody who comes with them');
	await t.check('member-new');
	await t.page.locator('#age').fill('12');
	await t.page.locator('#kind').selectOption('child');
	await t.page.locator('#partner_of').selectOption({ index: 1 });
	await t.press('Save');
	assert.deepEqual(await t.error_fields(), ['partner_of'], 'a child of 12 is nobody\'s partner');
	await t.check('member-refused');
	await t.page.locator('#partner_of').selectOption({ index: 0 });
	await t.page.locator('#child_of').selectOption({ index: 1 });
	await t.page.locator('#sex').selectOption('male');
	await t.press('Save');
	assert.equal(await t.heading(), 'Change what they said');
	assert.match(await t.page.locator('#people + ul').innerText(), /Child, Male, 12/);
	await t.follow('Add somebody who comes with them');
	await t.page.locator('#age').fill('36');
	await t.page.locator('#kind').selectOption('adult');
	await t.page.locator('#partner_of').selectOption({ label: 'Main applicant, Female, 34' });
	await t.press('Save');
	await t.follow(/^Change\s*: Main applicant, Female, 34/);
	assert.equal((await t.page.locator('#partner_of option:checked').innerText()).trim(), 'Adult, 36', 'said once, of either');
	assert.equal(await t.page.locator('#age').inputValue(), '34');
	await t.check('member');
	await t.page.locator('#age').fill('35');
	await t.press('Save');
	await t.follow(/^Change\s*: Child, Male, 12/);
	await t.press('Record that they left the household');
	assert.equal((await t.page.locator('#people + ul').innerText()).match(/Change/g).length, 2);
	await t.follow('Go back to the places for them');
	assert.ok((await said(t)).includes('Main applicant, Female, 35 Adult, 36'));
});
