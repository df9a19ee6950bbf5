// Steps that several tests share.
import assert from 'node:assert/strict';

async function post_unit(t, n) {
	let taps = 0;

	await t.go('/');
	await t.follow('Post a vacancy');
	taps++;
	await t.page.locator('.govuk-radios__label').nth(n).click();
	taps++;
	await t.press('Post vacancy');
	taps++;
	return { taps, path: new URL(t.page.url()).pathname };
}

// Posts a vacancy from the start page to the receipt, for the first unit that is not offered
// already. Returns the number of taps and the vacancy's address.
export async function post_vacancy(t) {
	await t.go('/vacancies/new');
	const units = await t.page.locator('.govuk-radios__label').count();

	for (let n = 0; n < units; n++) {
		const posted = await post_unit(t, n);

		if (/^Confirmed at /.test(await t.heading()))
			return posted;
	}
	assert.fail(`none of the provider's ${units} units could be posted`);
}

export async function withdraw(t) {
	await t.page.locator('summary').filter({ hasText: 'Withdraw' }).first().click();
	await t.page.getByLabel('Why is it no longer offered?').first().selectOption({ index: 1 });
	await t.press(/^Withdraw/);
}

// Opens what is folded under that line.
export async function unfold(t, line) {
	await t.page.locator('summary').filter({ hasText: line }).click();
}

// Accepts an offer: the button leads to what is accepted, and only there it is done.
export async function accept(provider) {
	await provider.follow('Accept');
	await provider.press('Accept them');
}

export async function arrive(provider) {
	await provider.follow('They have arrived');
	await provider.press('Record the arrival');
}

// Asks the API as that role. Returns the status and the JSON body.
export async function api(role, method, path, body) {
	const [username, password] = process.env[`ACCOUNT_${role.toUpperCase()}`].split(':');
	const call = async (how, where, what, token) => {
		const answer = await fetch(`${process.env.BASE_URL}/api/v1${where}`, { method: how, body: JSON.stringify(what), headers: {
			'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), ...(token && { Authorization: `Bearer ${token}` }) } });

		return { status: answer.status, body: await answer.json() };
	};
	const { body: { token } } = await call('POST', '/sessions', { username, password });

	return call(method, path, body, token);
}

// Makes an emergency referral with the fewest possible answers.
export async function refer(t) {
	await t.go('/');
	await t.follow('Find a safe place now');
	await t.page.locator('#household-members-0-age').fill('34');
	await t.page.locator('#household-members-0-sex').selectOption('female');
	await t.page.locator('#household-situation').selectOption('rough');
	await t.page.locator('#consent').selectOption('given');
	await t.press('Find places');
}

export async function refuse(t, summary, button) {
	const details = t.page.locator('details').filter({ hasText: summary });

	await details.locator('summary').click();
	await details.locator('select[name=reason]').selectOption({ index: 1 });
	await t.leave(details.getByRole('button', { name: button }));
}

// Holds the best place of that provider and returns its card's id.
export async function hold_place_of(t, provider) {
	const user = await provider.page.locator('.haven-header__user').textContent();
	const name = user.slice(user.indexOf(', ') + 2).trim();
	const cards = t.page.locator('.haven-card').filter({ hasText: name });

	assert.ok(await cards.count(), `a place of ${name} fits`);
	const card = await cards.first().getAttribute('id');

	await hold(t, card);
	assert.match(await t.text(), /Held until/);
	return card;
}

export async function hold(t, card) {
	await t.leave(t.page.locator(`#${card}`).getByRole('button', { name: /^Hold this place/ }));
}

// Goes from a referral to an accepted place of that provider. Returns the placement's address.
export async function accept_place(t, provider) {
	await t.sign_in('navigator');
	await refer(t);
	await hold_place_of(t, provider);
	await t.press('Offer to the provider');
	const path = new URL(t.page.url()).pathname;

	await provider.go(path);
	await accept(provider);
	return path;
}
