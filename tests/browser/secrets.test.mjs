import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { accept, hold_place_of, post_vacancy, refer, refuse, withdraw } from './steps.mjs';

async function record_all(t) {
	await t.follow('Contact and safety');
	assert.equal(await t.page.title(), 'Contact and safety - Haven', 'the title names nobody');
	await t.check('secrets-none');
	await t.page.locator('#phone').fill('07700 900 12');
	await t.page.locator('#hours').fill('After six');
	await t.press('Record the contact');
	assert.deepEqual(await t.error_fields(), ['phone']);
	assert.equal(await t.page.locator('#hours').inputValue(), 'After six', 'what was entered stays');
	await t.check('secrets-refused');
	await t.page.locator('#phone').fill('07700 900123');
	await t.page.locator('#code_word').fill('Marigold');
	await t.page.locator('label[for=voicemail-no]').click();
	await t.press('Record the contact');
	await t.page.locator('#first_name').fill('Verity');
	await t.press('Record the first name');
	await t.page.locator('#name').fill('Somebody Known');
	await t.page.locator('#description').fill('Lives at 14 Broadway');
	await t.press('Record the description');
	assert.deepEqual(await t.error_fields(), ['description']);
	await t.page.locator('#name').fill('Somebody Known');
	await t.page.locator('#description').fill('Tall, with a grey beard');
	await t.page.locator('#vehicle').fill('Dark green van');
	await t.press('Record the description');
	await t.check('secrets');
}

async function show(t, link, purpose) {
	await t.follow(link);
	await t.page.getByLabel(purpose).check();
	await t.press('Show it');
}

const SECRET = /07700 ?900 ?123|Marigold|Verity|grey beard|green van/;

test('how to reach them, who rings, and whom to look out for are shown in their stages', async (t) => {
	const provider = await t.another();

	await provider.sign_in('provider');
	const vacancy = await post_vacancy(provider);

	await t.sign_in('navigator');
	await refer(t);
	const referral = new URL(t.page.url()).pathname;

	await record_all(t);
	assert.doesNotMatch(await t.text(), SECRET);
	await t.follow('How to reach them safely');
	await t.press('Show it');
	assert.deepEqual(await t.error_fields(), ['purpose']);
	await t.check('secret-refused');
	await t.page.getByLabel('Ring or text them').check();
	await t.press('Show it');
	assert.match(await t.text(), /07700 900 123[\s\S]*After six[\s\S]*Marigold/);
	assert.doesNotMatch(t.page.url(), /07700|Marigold/);
	await t.check('secret-contact');
	await t.follow('Hide it');
	assert.match(await t.text(), /Ring or text them/, 'who was shown it is told');
	await t.check('secret-form');

	await t.go(referral);
	await hold_place_of(t, provider);
	await t.page.locator('#arrival_time').fill('half nine');
	await t.press('Offer to the provider');
	assert.deepEqual(await t.error_fields(), ['arrival_time']);
	await t.check('placement-offer-refused');
	await t.page.locator('#arrival_time').fill('21:30');
	await t.press('Offer to the provider');
	const path = new URL(t.page.url()).pathname;

	await provider.go(path);
	assert.match(await provider.text(), /They can arrive on .*, from 21:30/);
	assert.match(await provider.text(), /Could harm other residents\s+Not asked/);
	assert.match(await provider.text(), /Counter-allegation\s+Not known/);
	assert.match(await provider.text(), /Where is it not safe for them\?/);
	assert.doesNotMatch(await provider.text(), /How to reach them safely|looks like/);
	await provider.check('placement-offer');
	await show(provider, 'First name', 'Know who is at the door');
	assert.match(await provider.text(), /Verity/);
	await provider.check('secret-name');
	await provider.go(path);
	await accept(provider);
	await provider.check('placement-accepted-secrets');
	await show(provider, 'How to reach them safely', 'Arrange their arrival');
	assert.match(await provider.text(), /07700 900 123/);
	await provider.go(path);
	await show(provider, 'What the perpetrator looks like and drives', 'Look out for the perpetrator');
	assert.match(await provider.text(), /grey beard[\s\S]*Dark green van/);
	await provider.check('secret-perpetrator');
	const shown = new URL(provider.page.url()).pathname;

	await t.go(path);
	await refuse(t, 'It is no longer needed', 'Cancel the placement');
	await provider.go(path);
	assert.doesNotMatch(await provider.text(), /How to reach them safely|First name/);
	assert.equal((await provider.go(shown.replace('/readings', ''))).status(), 404, 'nor by its address');
	await provider.go(vacancy.path);
	await withdraw(provider);
});
