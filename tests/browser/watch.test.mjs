import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { refer } from './steps.mjs';

async function declare(t) {
	await t.page.locator('#name').fill('Somebody Invented');
	await t.page.getByLabel('Family').check();
	await t.press('Declare');
}

test('a declared conflict is ended by an administrator, never by who declared it', async (t) => {
	const admin = await t.another(), own = (s) => s.page.getByRole('link', { name: /^End it/ });

	await t.sign_in('navigator');
	await t.follow('Declare a conflict of interest');
	await declare(t);
	assert.match(await t.text(), /Family, declared/);
	assert.equal(await own(t).count(), 0, 'not by who declared it');
	await t.check('conflicts');
	await admin.sign_in('admin');
	await admin.follow('Conflicts of interest');
	const others = await own(admin).count();

	await declare(admin);
	assert.equal(await own(admin).count(), others, 'nor by an administrator who did');
	await admin.check('conflicts-administrator');
	await admin.follow(/^End it/);
	assert.equal(await admin.page.title(), 'Conflict of interest - Haven', 'the title names nobody');
	await admin.check('conflict-end');
	await admin.press('End the declaration');
	assert.deepEqual(await admin.error_fields(), ['reason']);
	await admin.check('conflict-end-refused');
	await admin.page.locator('#reason').fill('Recorded by mistake, as their manager confirms');
	await admin.press('End the declaration');
	assert.equal(await own(admin).count(), others - 1);
	await t.go('/conflict-declarations');
	assert.match(await t.text(), /, ended/);
});

test('a person is searched for by their whole name, for a referral', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await t.follow('Search for a person for this referral');
	assert.equal(await t.page.locator('#reason').count(), 0, 'the referral is the reason');
	await t.check('person-for-referral');
	await t.press('Search');
	assert.deepEqual(await t.error_fields(), ['name']);
	await t.check('person-for-referral-refused');
	await t.page.locator('#name').fill('Nobody Invented');
	await t.press('Search');
	assert.match(await t.text(), /No person with that name was found/);
	await t.check('person-for-referral-found');
	await t.follow('Search with a reason');
	assert.equal(await t.page.locator('#reason').count(), 1);
	await t.check('person-with-reason');
});
