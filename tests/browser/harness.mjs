// The tools of a browser test: a page without JavaScript, and checks of its contents.
// Accounts come from the environment, as ACCOUNT_<ROLE>=username:password.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const WIDTHS = [390, 1100];
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const axe_path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const tests = [];

export function test(name, run) {
	tests.push({ name, run });
}

function told(violation) {
	const nodes = violation.nodes.map((n) => `    ${n.target.join(' ')}: ${n.failureSummary}`);

	return `  ${violation.id}: ${violation.help}\n${nodes.join('\n')}`;
}

// One for all checks of a width: a new one costs a process. It is given axe once and has it in every page:
// sending it to each page anew took as long as its checks.
const scripted = new Map();

async function scripted_page(browser, width) {
	if (!scripted.has(width)) {
		const context = await browser.newContext({ viewport: { width, height: 800 } });

		await context.addInitScript({ path: axe_path });
		scripted.set(width, await context.newPage());
	}
	return scripted.get(width);
}

// Cookies by role.
const sessions = new Map();

class Session {
	constructor(browser, options, width) {
		Object.assign(this, { browser, options, width, others: [], complaints: [] });
	}

	async open() {
		this.context = await this.browser.newContext(this.settings());
		this.page = await this.context.newPage();
		this.page.setDefaultTimeout(10000);
		this.page.on('console', (m) => m.type() === 'error' &&
			/Content Security Policy/.test(m.text()) && this.complaints.push(m.text()));
	}

	// Another person at another device.
	async another() {
		const other = new Session(this.browser, this.options, this.width);

		this.others.push(other);
		await other.open();
		return other;
	}

	settings() {
		return {
			javaScriptEnabled: false, viewport: { width: this.width, height: 800 },
			hasTouch: this.width < 640,
		};
	}

	async close() {
		for (const other of this.others)
			await other.close();
		await this.context?.close();
	}

	// With the session of an earlier test, if one has signed in as that role: a sign-in is two pages and a
	// password's hash.
	async sign_in(role) {
		if (!sessions.has(role)) {
			await this.sign_in_anew(role);
			sessions.set(role, await this.context.cookies());
			return;
		}
		await this.context.addCookies(sessions.get(role));
		await this.go('/');
		assert.equal(new URL(this.page.url()).pathname, '/', `still signed in as ${role}`);
	}

	// With a session of its own, for a test that ends it.
	async sign_in_anew(role) {
		const account = process.env[`ACCOUNT_${role.toUpperCase()}`];

		assert.ok(account, `ACCOUNT_${role.toUpperCase()} is not set`);
		const [username, password] = account.split(':');

		await this.go('/sign-in');
		await this.page.getByLabel('Username').fill(username);
		await this.page.getByLabel('Password').fill(password);
		await this.press('Sign in');
		assert.equal(new URL(this.page.url()).pathname, '/', `signed in as ${role}`);
	}

	async follow(name) {
		await this.leave(this.page.getByRole('link', { name }).first());
	}

	async leave(target) {
		await Promise.all([this.page.waitForNavigation(), target.click()]);
	}

	async go(where) {
		return this.page.goto(new URL(where, this.options.base).href);
	}

	// Presses the button of that name and waits for the next page.
	async press(name) {
		await this.leave(this.page.getByRole('button', { name }).first());
	}

	async heading() {
		return (await this.page.locator('h1').first().textContent()).trim();
	}

	async text() {
		return this.page.locator('main').innerText();
	}

	// The ids to which the error summary links, in order.
	async error_fields() {
		const links = await this.page.locator('.govuk-error-summary a').all();

		return Promise.all(links.map(async (l) => (await l.getAttribute('href')).slice(1)));
	}

	// The present page where scripts run, which axe needs, whatever request made the page. The bytes
	// come from the tested page, the styles from the service.
	async with_scripts(check) {
		const html = await this.page.content(), url = this.page.url();
		const page = await scripted_page(this.browser, this.width);

		await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: html }));
		try {
			await page.goto(url);
			return await check(page);
		} finally {
			await page.unroute(url);
		}
	}

	// Expects no axe violation, nothing wider than the screen, and nothing that the content policy
	// refused.
	async check(name) {
		await this.with_scripts(async (page) => {
			const found = await page.evaluate(
				(tags) => window.axe.run({ runOnly: tags, resultTypes: ['violations'] }), AXE_TAGS);
			const wide = await page.evaluate(
				() => document.documentElement.scrollWidth);

			await this.keep(page, name);
			assert.equal(found.violations.length, 0,
				`${name}: axe\n${found.violations.map(told).join('\n')}`);
			assert.ok(found.passes.length > 10, `${name}: axe looked at nothing`);
			assert.ok(wide <= this.width, `${name}: ${wide} px on ${this.width}`);
		});
		assert.deepEqual(this.complaints, [], `${name}: content policy`);
	}

	async keep(page, name) {
		if (!this.options.shots)
			return;
		await mkdir(this.options.shots, { recursive: true });
		await page.screenshot({
			path: path.join(this.options.shots, `${name}-${this.width}.png`),
			fullPage: true,
		});
	}
}

async function run_one(browser, options, width, one) {
	const session = new Session(browser, options, width);

	try {
		await session.open();
		await one.run(session);
		console.log(`ok   ${one.name} (${width} px)`);
		return true;
	} catch (error) {
		console.log(`FAIL ${one.name} (${width} px): ${error.message}`);
		return false;
	} finally {
		await session.close();
	}
}

export async function run_all(browser, list, options) {
	let passed = 0, failed = 0;

	for (const one of list)
		for (const width of WIDTHS)
			if (await run_one(browser, options, width, one))
				passed++;
			else
				failed++;
	return { passed, failed };
}
