import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { accept_place, post_vacancy, refuse, withdraw } from './steps.mjs';

const ADDRESS = /Demonstration Way/;

async function placed(t) {
	const provider = await t.another();

	await provider.sign_in('provider');
	const vacancy = await post_vacancy(provider);
	const path = await accept_place(t, provider);

	await t.go(path);
	return { provider, vacancy, path };
}

async function give_up(t, { provider, vacancy, path }) {
	await t.go(path);
	await refuse(t, 'It is no longer needed', 'Cancel the placement');
	await provider.go(vacancy.path);
	await withdraw(provider);
}

async function open_form(t) {
	await t.page.locator('summary').filter({ hasText: 'Look up the address' }).click();
}

async function look_up(t, purpose) {
	await t.page.getByLabel(purpose).check();
	await t.press('Show the address');
}

test('an address is shown for a purpose, hidden again, and told to its manager', async (t) => {
	const stay = await placed(t), { provider } = stay;

	assert.doesNotMatch(await t.text(), ADDRESS);
	await open_form(t);
	await t.press('Show the address');
	assert.deepEqual(await t.error_fields(), ['purpose']);
	await t.check('address-refused');
	await look_up(t, 'Give directions or arrange travel');
	assert.equal(await t.heading(), 'Address');
	assert.match(await t.text(), ADDRESS);
	assert.equal(await t.page.title(), 'Address - Haven');
	assert.doesNotMatch(t.page.url(), /Demonstration|TS/);
	await t.check('address');
	await t.follow('Hide it and go back to the placement');
	assert.doesNotMatch(await t.text(), ADDRESS);
	await provider.go(stay.path);
	await provider.follow('See who looked up the address');
	assert.match(await provider.text(), /Give directions or arrange travel/);
	assert.doesNotMatch(await provider.text(), ADDRESS);
	await provider.check('address-reveals');
	await give_up(t, stay);
});

test('the page of an address is kept nowhere and closes by itself', async (t) => {
	const stay = await placed(t);

	await open_form(t);
	const answer = t.page.waitForResponse((r) => r.url().endsWith('/address'));

	await look_up(t, 'Check that the exact place is safe for them');
	const headers = (await answer).headers();

	assert.equal(headers.refresh, `60; url=${stay.path}`);
	assert.equal(headers['cache-control'], 'no-store');
	await give_up(t, stay);
});
