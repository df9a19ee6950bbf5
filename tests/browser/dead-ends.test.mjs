// What an answer or a refusal names can be answered on the page that says it.
import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { accept, api, arrive, hold_place_of, post_vacancy, refer, refuse, unfold, withdraw } from './steps.mjs';

async function provider_of(t) {
	const provider = await t.another();

	await provider.sign_in('provider');
	return provider;
}

// Offers a place of the provider. Returns the placement's address.
async function offer(t, provider) {
	await t.sign_in('navigator');
	await refer(t);
	await hold_place_of(t, provider);
	await t.page.locator('#arrival_time').fill('23:00');
	await t.press('Offer to the provider');
	return new URL(t.page.url()).pathname;
}

function pick(t, field, answer) {
	return t.page.locator(`label[for=${field}-${answer}]`).click();
}

test('a draft says what it needs, and is submitted', async (t) => {
	const made = await api('navigator', 'POST', '/referrals', { draft: { members: [{ kind: 'main', age: 30, sex: 'female' }] } });

	assert.equal(made.status, 201, JSON.stringify(made.body));
	await t.sign_in('navigator');
	await t.go(`/referrals/${made.body.referral.id}`);
	assert.equal(await t.heading(), 'A draft');
	assert.equal(await t.page.getByRole('button', { name: 'Submit the referral' }).count(), 0);
	await t.check('draft');
	await t.follow('Where they are now: not known is an answer');
	await t.page.locator('#household-situation').selectOption('rough');
	await t.press('Save, and search again');
	assert.equal(await t.heading(), 'A draft');
	await t.check('draft-complete');
	await t.press('Submit the referral and find places');
	assert.match(await t.heading(), /places? fits?/);
});

test('what was declined, cancelled or ran out stands on the referral', async (t) => {
	const provider = await provider_of(t);
	const vacancy = await post_vacancy(provider);
	const placement = await offer(t, provider);

	await provider.go('/');
	assert.match(await provider.text(), /waits for your answer until/);
	await provider.check('home-offer');
	await provider.go(placement);
	const form = provider.page.locator('form[action$=decline]');

	await unfold(provider, 'You cannot take them');
	await form.locator('select[name=reason]').selectOption('capacity');
	await provider.leave(form.getByRole('button', { name: 'Decline' }));
	await provider.go('/');
	assert.doesNotMatch(await provider.text(), /waits for your answer/, 'it has been answered');
	await t.go(placement);
	await t.follow('Go to the household\'s referral');
	await unfold(t, 'Places that came to nothing: 1');
	const ended = await t.page.locator('#ended').innerText();

	assert.match(ended, /Declined/);
	assert.match(ended, /said by the provider/);
	await t.check('referral-ended');
	await provider.go(vacancy.path);
	await withdraw(provider);
});

test('an arrival that moves after the offer is seen by the provider, who confirms before it counts', async (t) => {
	const provider = await provider_of(t);

	await post_vacancy(provider);
	const placement = await offer(t, provider);

	assert.match(await t.text(), /The provider was told: from 23:00/);
	await t.page.locator('#arrival_time').fill('25:00');
	await t.press('Change the arrival');
	assert.deepEqual(await t.error_fields(), ['arrival_time']);
	await t.page.locator('#arrival_time').fill('02:15');
	await t.press('Change the arrival');
	assert.match(await t.text(), /The provider was told: from 02:15/);
	await t.check('placement-arrival');
	await provider.go('/');
	assert.match(await provider.text(), /now arrives from 02:15/);
	await provider.go(placement);
	await provider.follow('Accept');
	assert.match(await provider.heading(), /^You are accepting household H-/);
	assert.match(await provider.text(), /From 02:15/);
	await provider.check('confirm-accept');
	await provider.follow('Go back to the placement');
	assert.match(await provider.text(), /Offered/, 'nothing was done');
	await accept(provider);
	assert.match(await provider.text(), /Accepted/);
	await provider.follow('They have arrived');
	await provider.check('confirm-arrive');
	await provider.go(placement);
	await arrive(provider);
	assert.match(await provider.text(), /Arrived/);
	await provider.go('/vacancies/new');
	const reference = (await (await provider.go('/vacancies/new')).text());

	assert.doesNotMatch(reference, /Occupied/, 'nobody is offered a home that somebody lives in');
	await provider.go('/vacancies');
	await provider.check('vacancies-now');
	await provider.go(placement);
	await unfold(provider, 'They have left');
	assert.equal(await provider.page.locator('#safe_and_well').count(), 0, 'not at the door');
	await provider.check('placement-depart');
	await provider.page.locator('#reason').selectOption({ index: 1 });
	await provider.page.locator('#destination').selectOption({ index: 1 });
	await provider.press('Record the departure');
	assert.match(await provider.text(), /Found safe and well afterwards\s+Not known/);
	await unfold(provider, 'Record that you checked on them');
	await provider.check('placement-check-up');
	await pick(provider, 'safe_and_well', 'yes');
	await provider.press('Record it');
	assert.match(await provider.text(), /Found safe and well afterwards\s+Yes/);

	await t.go('/tasks?kind=safe_and_well_7');
	await t.page.locator('.haven-card a').first().click();
	await t.check('task-check');
	await t.press('Record the check');
	assert.deepEqual(await t.error_fields(), ['result']);
	await pick(t, 'result', 'not_reached');
	await t.press('Record the check');
	assert.match(await t.text(), /Not reached on /);
	await pick(t, 'result', 'safe_and_well');
	await t.press('Record the check');
	assert.match(await t.text(), /Ended\s+Done/);
	await t.check('task-checked');
});

test('a referral is closed with a reason, and the household referred again', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	const first = new URL(t.page.url()).pathname;

	await unfold(t, 'Close this referral');
	await t.press('Close the referral');
	assert.deepEqual(await t.error_fields(), ['reason']);
	await t.check('referral-close-refused');
	await t.page.locator('#reason').selectOption('changed_mind');
	await t.press('Close the referral');
	assert.equal(await t.heading(), 'This referral is closed');
	await t.check('referral-closed');
	await t.press('Refer this household again');
	assert.notEqual(new URL(t.page.url()).pathname, first);
	assert.match(await t.heading(), /places? fits?/);
	await t.go(first);
	await t.press('Refer this household again');
	await t.check('referral-open-already');
	await t.follow('See the referral that is open');
	assert.match(await t.heading(), /places? fits?/);
});

test('what sanctuary needs to know is answered on its card', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await unfold(t, 'Find out first whether they can stay');
	await t.check('sanctuary-questions');
	await pick(t, 'wants_to_stay', 'yes');
	await pick(t, 'perpetrator_at_home', 'no');
	await pick(t, 'sole_occupation', 'yes');
	await t.press('Record this and search again');
	assert.doesNotMatch(await t.text(), /1\. Staying at home/, 'one is not known');
	await unfold(t, 'Find out first whether they can stay');
	assert.equal(await t.page.locator('#sanctuary-questions fieldset').count(), 1);
	await pick(t, 'consent_obtainable', 'yes');
	await t.press('Record this and search again');
	assert.match(await t.text(), /1\. Staying at home, made safe/);
	await t.check('sanctuary-ranked');
	await t.press('They would rather leave: rank the places first');
	assert.doesNotMatch(await t.text(), /Staying at home, made safe/);
});

test('the perpetrator is described without a name', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await t.follow('Contact and safety');
	await t.press('Record the description');
	assert.deepEqual(await t.error_fields(), ['name']);
	await t.check('party-refused');
	await t.page.locator('#description').fill('Tall, red hair');
	await t.press('Record the description');
	assert.match(await t.text(), /What the perpetrator looks like and drives/);
});

test('a household that is known already is a link to it', async (t) => {
	await t.sign_in('navigator');
	const born = ['7', '9', '1987'];
	const made = [];

	for (let n = 0; n < 2; n++) {
		await t.go('/referrals/new');
		await unfold(t, 'Name, date of birth and gender identity');
		await t.page.locator('#household-members-0-name').fill('Quilla Marchbank');
		for (const [i, part] of ['day', 'month', 'year'].entries())
			await t.page.locator(`#household-members-0-birth_date-${part}`).fill(born[i]);
		await t.press('Find places');
		made.push(new URL(t.page.url()).pathname);
	}
	await t.leave(t.page.locator('.govuk-inset-text a').filter({ hasText: 'Household H-' }).first());
	assert.equal(new URL(t.page.url()).pathname, made[0]);
});

test('the languages of a unit are changed by its provider', async (t) => {
	await t.sign_in('provider');
	const { path } = await post_vacancy(t);

	await t.go(path);
	await t.leave(t.page.locator('.govuk-summary-list a').first());
	await t.check('unit');
	await t.page.locator('#languages-3').selectOption({ label: 'Lithuanian' });
	await t.page.locator('#other_language').fill('Elvish');
	await t.press('Save the languages');
	assert.deepEqual(await t.error_fields(), ['other_language']);
	await t.page.locator('#other_language').fill('');
	await t.press('Save the languages');
	assert.match(await t.text(), /Staff speak[\s\S]*Lithuanian/);
	await t.page.locator('select').filter({ has: t.page.locator('option:checked', { hasText: 'Lithuanian' }) }).selectOption({ index: 0 });
	await t.press('Save the languages');
	await t.go(path);
	await withdraw(t);
	await t.go('/vacancies');
	const shown = await t.page.locator('.haven-card').count();

	await t.follow('See those too that are over');
	assert.ok(await t.page.locator('.haven-card').count() > shown, 'what was withdrawn is shown when asked for');
	await t.check('vacancies-past');
});

test('less urgent needs a reason while a decision is due', async (t) => {
	await t.sign_in('navigator');
	await refer(t);
	await unfold(t, 'What they said');
	await t.follow('Change what they said');
	await t.page.locator('#household-urgency').selectOption('planned');
	await t.press('Save, and search again');
	assert.deepEqual(await t.error_fields(), ['household-urgency_reason']);
	await t.check('urgency-refused');
	await t.page.locator('#household-urgency_reason').selectOption('safe_for_now');
	await t.press('Save, and search again');
	await unfold(t, 'What they said');
	assert.match(await t.text(), /They are safe for now/);
});
