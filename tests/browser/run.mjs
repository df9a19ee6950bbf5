// Runs *.test.mjs against the service at BASE_URL in Debian's Chromium, in its form without a window.
// Test files call test(name, async (t) => …) of harness.mjs.
// Names given as arguments choose files. SHOTS=<directory> keeps a screenshot of each page checked.
import { readdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { run_all, tests } from './harness.mjs';

// One process renders all pages of the service, and none waits ready for another site. Of two lists Chromium
// takes the last: the other features are those that Playwright's own list turns off for pages.
const FEATURES = [
	'SpareRendererForSitePerProcess', 'AvoidUnnecessaryBeforeUnloadCheckSync', 'BoundaryEventDispatchTracksNodeRemoval',
	'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'MediaRouter', 'OptimizationHints', 'PaintHolding', 'RenderDocument',
	'ThirdPartyStoragePartitioning', 'Translate',
];
const ARGS = [
	'--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--process-per-site', '--disable-site-isolation-trials', `--disable-features=${FEATURES}`,
	'--disable-background-networking', '--disable-component-update', '--disable-sync',
];

async function load(chosen) {
	const here = new URL('.', import.meta.url);

	const wanted = (file) => !chosen.length || chosen.some((c) => file.startsWith(c));

	for (const file of (await readdir(here)).sort())
		if (file.endsWith('.test.mjs') && wanted(file))
			await import(new URL(file, here));
}

async function main() {
	const base = process.env.BASE_URL;

	if (!base)
		throw new Error('BASE_URL is not set');
	await load(process.argv.slice(2));
	const browser = await chromium.launch({ executablePath: '/usr/bin/chromium-headless-shell', args: ARGS });
	try {
		return await run_all(browser, tests, { base, shots: process.env.SHOTS });
	} finally {
		await browser.close();
	}
}

let passed = 0, failed = 0, pages = {};

try {
	({ passed, failed, pages } = await main());
} catch (error) {
	console.error(error.message);
	failed++;
}
for (const [width, checked] of Object.entries(pages))
	console.log(`${checked} pages checked at ${width} px`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed || !passed ? 1 : 0;
