// The tools of a browser test: a page without JavaScript, and checks of its contents.
// Accounts come from the environment, as ACCOUNT_<ROLE>=username:password.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

// A test walks at the width of a phone; each page that it checks is laid out at both.
const PHONE = 390, WIDTHS = [PHONE, 1100];
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

// One for all checks: a new one costs a process. It is given axe once and has it in every page: sending it to
// each page anew took as long as its checks.
let scripted;

async function scripted_page(browser) {
	if (!scripted) {
		const context = await browser.newContext();

		await context.addInitScript({ path: axe_path });
		scripted = await context.newPage();
	}
	return scripted;
}

// Cookies by role.
const sessions = new Map();

// Pages that earlier tests left, each in a context that has no cookies any more. A new one is a process, which
// loads everything anew.
const left = [];

class Session {
	constructor(browser, options) {
		const complaints = [];

		Object.assign(this, { browser, options, others: [], complaints });
		this.hear = (m) => m.type() === 'error' && /Content Security Policy/.test(m.text()) && complaints.push(m.text());
	}

	async open() {
		this.page = left.pop() ?? await this.new_page();
		this.page.on('console', this.hear);
	}

	async new_page() {
		const context = await this.browser.newContext(this.settings()), page = await context.newPage();

		page.setDefaultTimeout(10000);
		return page;
	}

	get context() {
		return this.page.context();
	}

	// Another person at another device.
	async another() {
		const other = new Session(this.browser, this.options);

		this.others.push(other);
		await other.open();
		return other;
	}

	settings() {
		return { javaScriptEnabled: false, viewport: { width: PHONE, height: 800 }, hasTouch: true };
	}

	// After a test that passed its page serves another one.
	async close(passed) {
		for (const other of this.others)
			await other.close(passed);
		if (!passed) {
			await this.page?.context().close();
			return;
		}
		this.page.off('console', this.hear);
		await this.context.clearCookies();
		left.push(this.page);
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
		const page = await scripted_page(this.browser);

		await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: html }));
		try {
			await page.setViewportSize({ width: PHONE, height: 800 });
			await page.goto(url);
			return await check(page);
		} finally {
			await page.unroute(url);
		}
	}

	// Expects at both widths no axe violation and nothing wider than the screen, and nothing that the content
	// policy refused.
	async check(name) {
		await this.with_scripts(async (page) => {
			for (const width of WIDTHS) {
				await page.setViewportSize({ width, height: 800 });
				await this.check_width(page, name, width);
			}
		});
		assert.deepEqual(this.complaints, [], `${name}: content policy`);
	}

	async check_width(page, name, width) {
		const found = await page.evaluate(
			(tags) => window.axe.run({ runOnly: tags, resultTypes: ['violations'] }), AXE_TAGS);
		const [screen, wide, ids] = await page.evaluate(
			() => [window.innerWidth, document.documentElement.scrollWidth,
				[...document.querySelectorAll('[id]')].map((e) => e.id)]);

		await this.keep(page, `${name}-${width}`);
		assert.equal(screen, width, `${name}: laid out at its width`);
		assert.equal(found.violations.length, 0,
			`${name} (${width} px): axe\n${found.violations.map(told).join('\n')}`);
		assert.ok(found.passes.length > 10, `${name}: axe looked at nothing`);
		assert.ok(wide <= width, `${name}: ${wide} px on ${width}`);
		// a label or an error's link that names one of two fields reaches the wrong one
		assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), [], `${name}: ids that stand twice`);
		this.options.checked(width);
	}

	async keep(page, name) {
		if (!this.options.shots)
			return;
		await mkdir(this.options.shots, { recursive: true });
		await page.screenshot({ path: path.join(this.options.shots, `${name}.png`), fullPage: true });
	}
}

async function run_one(browser, options, one) {
	const session = new Session(browser, options);
	let passed = false;

	try {
		await session.open();
		await one.run(session);
		console.log(`ok   ${one.name}`);
		passed = true;
	} catch (error) {
		console.log(`FAIL ${one.name}: ${error.message}`);
	} finally {
		await session.close(passed);
	}
	return passed;
}

export async function run_all(browser, list, options) {
	const pages = Object.fromEntries(WIDTHS.map((w) => [w, 0]));
	let passed = 0, failed = 0;

	options.checked = (width) => pages[width]++;
	for (const one of list)
		if (await run_one(browser, options, one))
			passed++;
		else
			failed++;
	return { passed, failed, pages };
}
