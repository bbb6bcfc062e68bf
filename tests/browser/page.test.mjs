// The page of preferences in a real browser: what a member sees and can do, in three languages, with scripts switched off.
// rule: privacy 8

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
const data = mkdtempSync(join(tmpdir(), 'page-'));

let platform, browser, page, address;

/** What a command of the program prints. */
const command = (...line) => execFileSync(program, [...line, '--data', data], { cwd: root, encoding: 'utf8' }).trim();

/** A platform on a folder of its own, and the address of its API. */
async function start() {
  platform = spawn(program, ['--port', '0', '--data', data], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: platform.stdout })) {
    if (line.startsWith('TOKEN=')) break;
  }
  platform.stdout.resume();
}

before(async () => {
  await start();
  const token = command('token', '--role', 'partner', '--sub', 'crm');
  const first = new URL(command('page', 'm-nobody')).origin;
  const enrolled = await fetch(`${first}/v1/members`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      source: 'crm',
      external_id: 'c-1',
      identifiers: [{ kind: 'email', value: 'mei@example.com' }],
      fields: { name: '<b>王小美</b>' },
    }),
  });
  assert.equal(enrolled.status, 201);
  address = command('page', (await enrolled.json()).member);
  const quiet = ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  page = await context.newPage();
  page.on('console', (message) => assert.notEqual(message.type(), 'error', message.text()));
});

after(async () => {
  await browser?.close();
  platform?.kill('SIGINT');
  rmSync(data, { recursive: true, force: true });
});

const languages = [
  { lang: 'zh-CN', title: '我的偏好与同意', give: '同意: 新品、活动和优惠, 电子邮件', withdraw: '撤回: 新品、活动和优惠, 电子邮件', copy: '获取我的数据副本', copyDo: '生成副本', erase: '删除我的账户和数据', back: '返回' },
  { lang: 'en', title: 'My preferences and consents', give: 'Agree: New products, events and offers, E-mail', withdraw: 'Withdraw: New products, events and offers, E-mail', copy: 'Have a copy of my data', copyDo: 'Make the copy', erase: 'Delete my account and data', back: 'Back' },
  { lang: 'ja', title: 'お知らせの設定と同意', give: '同意する: 新商品・イベント・特典, メール', withdraw: '撤回する: 新商品・イベント・特典, メール', copy: '情報の写しを受け取る', copyDo: '写しを作成する', erase: 'アカウントと情報を削除する', back: '戻る' },
];

for (const { lang, title, give, withdraw, copy, copyDo, erase, back } of languages) {
  test(`the page in ${lang}`, async () => {
    const opened = await page.goto(`${address}?lang=${lang}`);
    assert.equal(opened.status(), 200);
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    assert.equal(await page.locator('h1').innerText(), title);
    assert.equal(await page.locator('script').count(), 0);
    // A switch is one press, and one press takes it back.
    await page.getByRole('button', { name: give, exact: true }).click();
    assert.ok(await page.getByRole('status').isVisible());
    await page.getByRole('button', { name: withdraw, exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: give, exact: true }).waitFor();
    // What cannot be taken back at once is asked once more.
    await page.getByRole('link', { name: copy, exact: true }).click();
    assert.ok(await page.getByRole('button', { name: copyDo, exact: true }).isVisible());
    await page.getByRole('link', { name: back, exact: true }).click();
    await page.getByRole('link', { name: erase, exact: true }).click();
    assert.equal(await page.getByRole('button').count(), 1);
    await page.getByRole('link', { name: back, exact: true }).click();
    // On the narrowest telephone nothing runs over, and what is pressed is large enough for a thumb.
    await page.goto(`${address}?lang=${lang}`);
    const wide = await page.locator('main').boundingBox();
    assert.ok(wide.x >= 0 && wide.x + wide.width <= 320, JSON.stringify(wide));
    for (const button of await page.getByRole('button').all()) {
      const box = await button.boundingBox();
      assert.ok(box.height >= 44 && box.x + box.width <= 320, `${await button.innerText()}: ${JSON.stringify(box)}`);
    }
  });
}

test('a copy is made and fetched', async () => {
  await page.goto(`${address}?ask=export&lang=en`);
  await page.getByRole('button', { name: 'Make the copy' }).click();
  const get = page.getByRole('button', { name: 'Get the copy' });
  for (let tries = 0; tries < 100 && !(await get.isVisible()); tries += 1) {
    await new Promise((wait) => setTimeout(wait, 100));
    await page.goto(`${address}?lang=en`);
  }
  await get.click();
  const link = await page.getByRole('link', { name: 'Download it here' }).getAttribute('href');
  const archive = Buffer.from(await (await fetch(link)).arrayBuffer());
  assert.equal(archive.subarray(0, 2).toString(), 'PK');
});

test('a member is forgotten, and thinks better of it', async () => {
  await page.goto(`${address}?ask=erasure&lang=en`);
  await page.getByRole('button', { name: 'Close and delete' }).click();
  await page.getByText('will be deleted at').waitFor();
  await page.getByRole('button', { name: 'Keep my account' }).click();
  await page.getByRole('link', { name: 'Delete my account and data' }).waitFor();
});

test('whatever a member is called, it is shown as text', async () => {
  await page.goto(`${address}?lang=en`);
  assert.equal(await page.locator('b').count(), 0);
  assert.ok(!(await page.content()).includes('mei@example.com'));
});
