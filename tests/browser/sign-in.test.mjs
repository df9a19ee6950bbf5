import assert from 'node:assert/strict';
import { test } from './harness.mjs';

test('signing in with a wrong password tells nothing about the account', async (t) => {
	await t.go('/sign-in');
	assert.equal(await t.heading(), 'Sign in');
	await t.check('sign-in');
	await t.page.getByLabel('Username').fill('nobody-of-that-name');
	await t.page.getByLabel('Password').fill('not the password at all');
	await t.press('Sign in');
	assert.match(await t.page.title(), /^Error: /);
	assert.match(await t.text(), /The username or password is not right/);
	assert.deepEqual(await t.error_fields(), ['username']);
	assert.equal(await t.page.getByLabel('Password').inputValue(), '', 'it is not sent back');
	await t.check('sign-in-refused');
});

test('the first tab stop skips to the content', async (t) => {
	await t.go('/sign-in');
	await t.page.keyboard.press('Tab');
	assert.equal(await t.page.locator(':focus').textContent(), 'Skip to main content');
	await t.page.keyboard.press('Enter');
	await t.page.keyboard.press('Tab');
	assert.equal(await t.page.locator(':focus').getAttribute('id'), 'username');
});

test('a page of work asks for a session first', async (t) => {
	await t.go('/vacancies');
	assert.equal(new URL(t.page.url()).pathname, '/sign-in');
});

test('what does not exist and what is not allowed are pages', async (t) => {
	await t.sign_in('provider');
	await t.check('home-provider');
	assert.equal((await t.go('/vacancies/00000000-0000-4000-8000-000000000000')).status(), 404);
	assert.equal(await t.heading(), 'Page not found');
	await t.check('not-found');
	assert.equal((await t.go('/referrals/new')).status(), 403);
	assert.equal(await t.heading(), 'You cannot do this');
	await t.check('forbidden');
});

test('signing out ends the session', async (t) => {
	await t.sign_in_anew('navigator');
	await t.check('home-navigator');
	await t.press('Sign out');
	assert.equal(await t.heading(), 'You are signed out');
	await t.check('signed-out');
	await t.go('/');
	assert.equal(new URL(t.page.url()).pathname, '/sign-in');
});
