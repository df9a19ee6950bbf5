import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { refer, unfold } from './steps.mjs';

async function said(t) {
	await unfold(t, 'What they said');
	return (await t.page.locator('#said').innerText()).replace(/\s+/g, ' ');
}

async function add_area(t, area, kind) {
	await t.page.locator('#outward_code').fill(area);
	await t.page.locator('#kind').selectOption(kind);
	await t.press('Add this area');
}

function of_area(t, area, button) {
	return t.page.locator('.haven-card').filter({ hasText: area }).getByRole('button', { name: button });
}

test('what they said is read on the referral', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	const told = await said(t);

	for (const line of ['Main applicant, Female, 34', 'Where it is not safe Not asked', 'Sleeping rough', 'Pet Not known', 'Support Not asked',
		'First night As soon as possible'])
		assert.ok(told.includes(line), `${line}: ${told}`);
	assert.match(await t.text(), /Consent\s+Given/);
	await t.check('referral-said');
});

test('an unsafe area is added two minutes later, confirmed, and ended', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	const referral = new URL(t.page.url()).pathname;

	await t.follow('Where it is not safe');
	assert.equal(await t.page.title(), 'Where it is not safe - Haven', 'the title names no place');
	assert.match(await t.text(), /They have not been asked yet/);
	await t.check('unsafe-none');
	await add_area(t, 'TS81', 'family');
	assert.deepEqual(await t.error_fields(), ['outward_code']);
	assert.match(await t.text(), /TS18/);
	assert.equal(await t.page.locator('#kind').inputValue(), 'family', 'what was chosen stays');
	await t.check('unsafe-refused');
	await add_area(t, '', '');
	assert.deepEqual((await t.error_fields()).sort(), ['kind', 'outward_code']);
	await add_area(t, 'TS24', 'family');
	await add_area(t, 'TS1', 'perpetrator_home');
	await t.check('unsafe');
	const still = await of_area(t, 'TS1', /^It is still unsafe/).boundingBox(), safe = await of_area(t, 'TS1', /^It is safe now/).boundingBox();

	assert.ok(safe.y >= still.y + still.height + 10 || safe.x >= still.x + still.width + 10, 'the two buttons do not touch');
	await t.leave(of_area(t, 'TS24', /^It is still unsafe/));
	assert.equal(await t.heading(), 'Where it is not safe');
	await t.leave(of_area(t, 'TS24', /^It is safe now/));
	assert.equal(await t.page.locator('.haven-card').count(), 1);
	assert.match(await t.text(), /TS1/);
	await t.follow('Go back to the places for them');
	assert.equal(new URL(t.page.url()).pathname, referral);
	assert.ok((await said(t)).includes('TS1: Perpetrator\'s home'));
	assert.doesNotMatch(await t.text(), /Ask first where it is not safe/);
});

test('a pet that was said by mistake is corrected', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await unfold(t, 'Ask first where it is not safe for them');
	await unfold(t, 'Everything else that is not known');
	await t.page.locator('label[for=pets-yes]').click();
	await t.leave(t.page.getByRole('button', { name: 'Search again', exact: true }));
	assert.ok((await said(t)).includes('Pet Yes'));
	await t.page.locator('#said summary').filter({ hasText: 'Correct it: Pet' }).click();
	await t.check('referral-correct');
	await t.page.locator('label[for=pets-no]').click();
	await t.press('Correct it and search again');
	assert.ok((await said(t)).includes('Pet No'));
});

test('a refused consent stands on the referral', async (t) => {
	await t.sign_in('navigator');
	await t.go('/referrals/new');
	await t.page.locator('#household-members-0-age').fill('41');
	await t.page.locator('#consent').selectOption('refused');
	await t.press('Find places');
	assert.match(await t.text(), /Consent\s+Refused/);
});
