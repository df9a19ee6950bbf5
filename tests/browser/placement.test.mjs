import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { accept, hold, hold_place_of, post_vacancy, refer, refuse, unfold, withdraw } from './steps.mjs';

async function provider_of(t) {
	const provider = await t.another();

	await provider.sign_in('provider');
	return provider;
}

test('an emergency referral is answered, held, offered and accepted', async (t) => {
	const provider = await provider_of(t);
	const vacancy = await post_vacancy(provider);

	await t.sign_in('navigator');
	await refer(t);
	assert.match(await t.heading(), /^(\d+|None) of \d+ places fits?/);
	await t.check('referral');
	await hold_place_of(t, provider);
	await t.check('placement-held');
	const path = new URL(t.page.url()).pathname;

	await t.press('Offer to the provider');
	assert.match(await t.text(), /Waiting for the provider's answer until/);
	await t.check('placement-offered');
	await provider.go(path);
	await provider.check('placement-to-answer');
	await accept(provider);
	assert.match(await provider.text(), /Accepted/);
	await provider.check('placement-accepted');
	await t.go(path);
	await refuse(t, 'It is no longer needed', 'Cancel the placement');
	assert.match(await t.text(), /Cancelled/);
	await t.check('placement-cancelled');
	await provider.go(vacancy.path);
	await withdraw(provider);
});

test('a provider declines with a coded reason', async (t) => {
	const provider = await provider_of(t);
	const vacancy = await post_vacancy(provider);

	await t.sign_in('navigator');
	await refer(t);
	await hold_place_of(t, provider);
	await t.press('Offer to the provider');
	await provider.go('/placements');
	await provider.check('placements');
	await provider.go(new URL(t.page.url()).pathname);
	await refuse(provider, 'You cannot take them', 'Decline');
	assert.match(await provider.text(), /Declined/);
	await provider.check('placement-declined');
	await provider.go(vacancy.path);
	await withdraw(provider);
});

test('who comes second is told, and nothing is held', async (t) => {
	const provider = await provider_of(t), second = await t.another();
	const vacancy = await post_vacancy(provider);

	await t.sign_in('navigator');
	await refer(t);
	await second.sign_in('navigator');
	await refer(second);
	await hold(second, await hold_place_of(t, provider));
	assert.equal(await second.heading(), 'Someone else took this place');
	await second.check('placement-taken');
	await refuse(t, 'It is no longer needed', 'Cancel the placement');
	await provider.go(vacancy.path);
	await withdraw(provider);
});

test('what is not known is asked on the answer and ranks again', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	const hold = await t.page.getByRole('button', { name: /^Hold this place/ }).first().boundingBox();

	assert.ok(hold.y + hold.height <= 844, `the first place is held without scrolling: ${hold.y}`);
	const page = await t.page.locator('body').boundingBox();

	assert.ok(page.height <= 5 * 844, `five screens for a dozen options: ${page.height}`);
	assert.equal((await t.page.locator('#questions > summary').textContent()).trim(), 'Ask first where it is not safe for them');
	await t.page.locator('#questions > summary').click();
	await t.check('referral-questions');
	await t.page.locator('#unsafe_places-0-outward_code').fill('TS81');
	await t.page.locator('#unsafe_places-0-kind').selectOption('family');
	await t.press('Search again with these answers');
	assert.deepEqual(await t.error_fields(), ['unsafe_places-0-outward_code']);
	assert.match(await t.text(), /TS18/);
	await t.check('referral-answer-refused');
	await t.page.locator('#unsafe_places-0-outward_code').fill('SW1A');
	await t.press('Search again with these answers');
	assert.match(await t.heading(), /^(\d+|None) of \d+ places fits?/);
	await t.page.locator('#questions > summary').click();
	assert.equal(await t.page.locator('#unsafe_places').count(), 0, 'it has been answered');
	await t.check('referral-answered');
});

test('a referral with mistakes is sent back with every error linked to its field', async (t) => {
	await t.sign_in('navigator');
	await t.go('/referrals/new');
	await t.check('referral-new');
	const button = await t.page.getByRole('button', { name: 'Find places' }).first().boundingBox();

	assert.ok(button.y + button.height <= 2 * 844, `what is needed fits two screens: ${button.y}`);
	await t.page.locator('#household-members-0-age').fill('abc');
	await t.page.locator('#household-unsafe_places-0-outward_code').fill('TS81');
	await t.press('Find places');
	assert.deepEqual((await t.error_fields()).sort(), ['household-members-0-age', 'household-unsafe_places-0-outward_code']);
	assert.equal(await t.page.locator('#household-members-0-age').inputValue(), 'abc');
	await t.check('referral-refused');
	for (const id of await t.error_fields())
		assert.ok(await t.page.locator(`[id="${id}"]`).isVisible(), `#${id} is unfolded`);
});

test('what was left out and what breaks a rule are told together', async (t) => {
	await t.sign_in('navigator');
	await t.go('/referrals/new');
	await t.page.locator('#household-members-0-age').fill('5');
	await unfold(t, 'Children or others who come with them');
	await t.page.locator('#household-members-1-age').fill('4');
	await t.press('Find places');
	const fields = await t.error_fields();

	assert.ok(fields.includes('household-members-1-kind'), fields.join());
	assert.ok(fields.includes('household-members-0-age'), fields.join());
	assert.match(await t.text(), /must be 16 or over/);
	assert.ok(await t.page.locator('#household-members-1-kind').isVisible(), 'unfolded');
});

test('who was not asked for consent is asked where it stands in the way', async (t) => {
	const provider = await provider_of(t);
	const vacancy = await post_vacancy(provider);

	await t.sign_in('navigator');
	await t.go('/referrals/new');
	await t.page.locator('#household-members-0-age').fill('34');
	await t.page.locator('#household-members-0-sex').selectOption('female');
	await unfold(t, 'When they need it');
	await t.page.locator('#household-urgency').selectOption('urgent');
	await t.press('Find places');
	await hold_place_of(t, provider);
	const path = new URL(t.page.url()).pathname;

	await t.press('Offer to the provider');
	assert.equal(await t.heading(), 'They have not agreed to be shown to providers');
	await t.check('placement-consent');
	await t.follow('Record another answer');
	await t.check('consents');
	await t.press('Record the answer');
	assert.deepEqual(await t.error_fields(), ['purpose', 'basis']);
	await t.page.locator('#purpose').selectOption('share_with_providers');
	await t.page.locator('label[for=basis-high_risk_without_consent]').click();
	await t.press('Record the answer');
	assert.deepEqual(await t.error_fields(), ['reason']);
	await t.page.locator('#reason').fill('Threats to kill');
	await t.press('Record the answer');
	assert.equal(new URL(t.page.url()).pathname, path, 'back at what waits for it');
	await t.press('Offer to the provider');
	assert.match(await t.text(), /Waiting for the provider's answer until/);
	await refuse(t, 'It is no longer needed', 'Cancel the placement');
	await provider.go(vacancy.path);
	await withdraw(provider);
});

test('consent is recorded on the answer of the referral', async (t) => {
	await t.sign_in('navigator');
	await t.go('/referrals/new');
	await t.page.locator('#household-members-0-sex').selectOption('female');
	await t.press('Find places');
	const path = new URL(t.page.url()).pathname;

	await t.press('They agree');
	assert.equal(new URL(t.page.url()).pathname, path);
	assert.equal(await t.page.locator('#consent').count(), 0, 'it has been asked');
	await t.follow(/what they agree to/);
	assert.match(await t.text(), /Consent given/);
});

test('a language that the list does not have is told in words', async (t) => {
	await t.sign_in('navigator');
	await t.go('/referrals/new');
	await t.page.locator('#household-members-0-age').fill('34');
	await t.page.locator('#household-members-0-sex').selectOption('female');
	await t.page.locator('#household-situation').selectOption('rough');
	await t.page.locator('#consent').selectOption('given');
	await unfold(t, 'Languages');
	await t.page.locator('#household-languages-0').selectOption({ label: 'Yoruba' });
	await t.page.locator('#household-languages-1').selectOption({ label: 'Another language' });
	await t.page.locator('label[for=household-interpreter-yes]').click();
	await t.press('Find places');
	assert.deepEqual(await t.error_fields(), ['household-other_language']);
	assert.equal(await t.page.locator('#household-languages-0').inputValue(), 'yo');
	assert.equal(await t.page.locator('#household-languages-1').inputValue(), 'other');
	await t.check('referral-language');
	await t.page.locator('#household-other_language').fill('Kashmiri');
	await t.press('Find places');
	assert.match(await t.text(), /Yoruba\s+Another language\s+Which other: Kashmiri/);
	assert.match(await t.text(), /Interpreter needed\s+Yes/);
	await t.check('referral-languages');
});
