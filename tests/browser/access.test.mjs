import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { refer } from './steps.mjs';

async function name_of(t) {
	const user = await t.page.locator('.haven-header__user').textContent();

	return user.slice(0, user.indexOf(', ')).trim();
}

async function save(t, person, choice, reason) {
	const option = t.page.locator('#account_id option').filter({ hasText: person });

	await t.page.locator('#account_id').selectOption(await option.first().getAttribute('value'));
	await t.page.getByLabel(choice).check();
	await t.page.locator('#reason').fill(reason);
	await t.press('Save');
}

test('a case is restricted, and a colleague who is not allowed finds nothing', async (t) => {
	const colleague = await t.another();

	await colleague.sign_in('officer');
	await t.sign_in('navigator');
	await refer(t);
	const referral = new URL(t.page.url()).pathname;

	await t.follow('Who may see this case');
	assert.equal(await t.page.title(), 'Who may see this case - Haven', 'the title names nobody');
	await t.check('access');
	await t.press('Save');
	assert.deepEqual(await t.error_fields(), ['account_id', 'access', 'reason']);
	await t.check('access-refused');
	await save(t, await name_of(t), /^Allowed/, 'Known to a family member');
	assert.match(await t.text(), /Restricted: only the people allowed/);
	await t.check('access-restricted');
	await colleague.page.goto(new URL(referral, t.page.url()).href);
	assert.match(await colleague.text(), /Page not found/);
});
