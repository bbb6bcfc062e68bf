// The page of a form in a real browser, as a member sees it on a telephone: in both languages, with scripts switched off, by mouse and by
// keyboard. `SHOTS=FOLDER` keeps what it looks like.
// rule: voice 13

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');
const target = JSON.parse(
  execFileSync('cargo', ['metadata', '--no-deps', '--offline', '--format-version', '1'], { cwd: root, maxBuffer: 1 << 28 }),
).target_directory;
const program = join(target, 'debug', 'local');
const data = mkdtempSync(join(tmpdir(), 'survey-'));

let platform, browser, page, origin;

/** What a command of the program prints. */
const command = (...line) => execFileSync(program, [...line, '--data', data], { cwd: root, encoding: 'utf8' }).trim();

async function asked(method, path, role, sub, body) {
  const token = command('token', '--role', role, '--sub', sub);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

/** The path of a form that somebody is asked to fill in. */
async function form(name) {
  const enrolled = await asked('POST', '/v1/members', 'partner', 'crm', { source: 'crm', external_id: name, fields: { name: '<b>王小美</b>' } });
  const invited = { survey: 'product-feedback', batch: name, members: [enrolled.member] };
  await asked('POST', '/v1/invitations', 'partner', 'shop', invited);
  const { surveys } = await asked('GET', `/v1/members/${enrolled.member}/surveys`, 'member', enrolled.member);
  return `${origin}/s/${surveys[0].token}`;
}

/** Keeps what the page looks like, and looks that nothing runs over. */
async function looks(name) {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth).catch(() => 0);
  assert.ok(wide <= 320, `${name} is ${wide} wide`);
}

before(async () => {
  platform = spawn(program, ['--port', '0', '--data', data], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: platform.stdout })) {
    if (line.startsWith('TOKEN=')) break;
  }
  platform.stdout.resume();
  origin = new URL(command('page', 'm-nobody')).origin;
  const quiet = ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  page = await context.newPage();
  page.on('console', (message) => assert.ok(message.type() !== 'error' || message.text().includes('422'), message.text()));
});

after(async () => {
  await browser?.close();
  platform?.kill('SIGINT');
  rmSync(data, { recursive: true, force: true });
});

const languages = [
  { lang: 'zh-CN', ask: '您有多大可能向朋友推荐我们?', next: '继续', send: '提交', why: '哪里让您失望?', thanks: '谢谢您', change: '修改我的回答', wrong: '请检查您的回答' },
  { lang: 'en', ask: 'How likely are you to recommend us to a friend?', next: 'Continue', send: 'Send', why: 'What let you down?', thanks: 'Thank you', change: 'Change my answer', wrong: 'Please check your answers' },
];

for (const { lang, ask, next, send, why, thanks, change, wrong } of languages) {
  test(`a form in ${lang}`, async () => {
    const address = await form(`c-${lang}`);
    const opened = await page.goto(`${address}?lang=${lang}`);
    assert.equal(opened.status(), 200);
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    assert.equal(await page.locator('script').count(), 0);
    assert.equal(await page.locator('b').count(), 0);
    await page.getByRole('group', { name: ask }).waitFor();
    await looks(`${lang}-1-first`);
    // What is pressed is large enough for a thumb.
    for (const label of await page.locator('.numbers label').all()) {
      const box = await label.boundingBox();
      assert.ok(box.height >= 44 && box.width >= 44 && box.x + box.width <= 320, JSON.stringify(box));
    }
    // Nothing answered: the list on top leads to the question.
    await page.getByRole('button', { name: next }).click();
    await page.getByRole('alert').getByText(wrong).waitFor();
    await looks(`${lang}-2-wrong`);
    await page.getByRole('alert').getByRole('link').click();
    assert.ok(page.url().endsWith('#q-score'));
    // By keyboard alone: to the numbers, to the third, on.
    await page.getByRole('radio', { name: '2', exact: true }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    assert.ok(await page.getByRole('radio', { name: '3', exact: true }).isChecked());
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByLabel(why).fill('说明书太难懂 <script>alert(1)</script>');
    await looks(`${lang}-3-second`);
    await page.getByRole('button', { name: send }).click();
    await page.getByRole('heading', { name: thanks }).waitFor();
    await looks(`${lang}-4-thanks`);
    await page.getByRole('link', { name: change }).click();
    assert.ok(await page.getByRole('radio', { name: '3', exact: true }).isChecked());
    assert.equal(await page.getByLabel(why).inputValue(), '', 'words are not shown again');
    await looks(`${lang}-5-change`);
  });
}
