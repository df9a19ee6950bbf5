import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { hold_place_of, post_vacancy, refer, withdraw } from './steps.mjs';

function ahead(days) {
	return new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);
}

async function lay_void(t, from, until) {
	await t.go('/voids/new');
	const units = t.page.locator('#unit_id option');

	await t.page.locator('#unit_id').selectOption({ index: await units.count() - 1 });
	await t.page.locator('#reason').selectOption('repair');
	await t.page.locator('#from_day').fill(from);
	await t.page.locator('#until_day').fill(until);
	await t.press('Take it out of service');
}

test('a planned void is cancelled on its page, and says who did it', async (t) => {
	await t.sign_in('provider');
	await t.follow('Units out of service');
	await t.check('voids');
	await t.follow('Take a unit out of service');
	await t.press('Take it out of service');
	assert.deepEqual(await t.error_fields(), ['unit_id', 'from_day', 'reason']);
	await t.check('void-new-refused');
	await lay_void(t, ahead(400), ahead(410));
	await t.check('void-planned');
	await t.press('Cancel it: the unit stays in service');
	assert.match(await t.text(), /Cancelled by/);
	await t.check('void-cancelled');
});

test('the duty telephone is set by the provider and stands beside its places', async (t) => {
	const provider = await t.another();

	await provider.sign_in('provider');
	const vacancy = await post_vacancy(provider);

	await provider.go('/');
	await provider.follow('Your duty telephone');
	await provider.page.locator('#day').fill('01642 900123');
	await provider.page.locator('#day_begins').fill('8');
	await provider.press('Save');
	assert.deepEqual(await provider.error_fields(), ['day_begins', 'day_ends']);
	await provider.check('duty-refused');
	await provider.page.locator('#day_begins').fill('');
	await provider.press('Save');
	await provider.check('duty');
	await t.sign_in('navigator');
	await refer(t);
	await hold_place_of(t, provider);
	assert.match(await t.text(), /Call the provider\s+01642/);
	await t.press('Offer to the provider');
	await provider.go(new URL(t.page.url()).pathname);
	const form = provider.page.locator('details').filter({ hasText: 'You cannot take them' });

	await form.locator('summary').click();
	await form.locator('select[name=reason]').selectOption('resident_mix');
	await provider.leave(form.getByRole('button', { name: 'Decline' }));
	assert.deepEqual(await provider.error_fields(), ['equality_ground']);
	await provider.check('decline-asked');
	await provider.page.locator('#equality_ground-no').check();
	await provider.leave(form.getByRole('button', { name: 'Decline' }));
	assert.match(await provider.text(), /Declined/);
	await t.follow('Refresh to update');
	await t.follow('Go to the household\'s referral');
	await provider.go(vacancy.path);
	await withdraw(provider);
});

test('what was entered survives the end of the session', async (t) => {
	await t.sign_in('provider');
	await t.go('/voids/new');
	await t.page.locator('#unit_id').selectOption({ index: 1 });
	await t.page.locator('#reason').selectOption('pest');
	await t.page.locator('#from_day').fill(ahead(500));
	await t.context.clearCookies();
	await t.press('Take it out of service');
	assert.match(await t.text(), /You are signed out/);
	await t.check('sign-in-interrupted');
	const [username, password] = process.env.ACCOUNT_PROVIDER.split(':');

	await t.page.getByLabel('Username').fill(username);
	await t.page.getByLabel('Password').fill(password);
	await t.press('Sign in');
	assert.equal(await t.heading(), 'You are signed in');
	await t.check('sign-in-resumed');
	await t.press('Send it now');
	assert.match(await t.text(), /Pests/);
	await t.press('Cancel it: the unit stays in service');
});

test('a link leads to its page after signing in', async (t) => {
	const [username, password] = process.env.ACCOUNT_PROVIDER.split(':');

	await t.go('/vacancies/new');
	await t.page.getByLabel('Username').fill(username);
	await t.page.getByLabel('Password').fill(password);
	await t.press('Sign in');
	assert.equal(new URL(t.page.url()).pathname, '/vacancies/new');
});
