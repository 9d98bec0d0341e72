/** docs/rpc says what the schemas say, and its exchanges are what a daemon answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src/ipc/limits.ts';
import { methodNames } from '../../src/ipc/protocol/methods.ts';
import { type NotificationName, notifications } from '../../src/ipc/protocol/notifications.ts';
import { envelopeErrors, errorNumbers } from '../../src/ipc/protocol/wire-errors.ts';
import { readExchanges, replay } from '../support/rpc/exchanges.ts';
import { createNoticeLog } from '../support/rpc/notice-log.ts';
import { connectRaw } from '../support/rpc/raw-client.ts';
import { methodReference, notificationReference } from '../support/rpc/reference.ts';
import { startTestServer } from '../support/rpc/server.ts';

const DIRECTORY = join(import.meta.dirname, '../../docs/rpc');
const pages = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(DIRECTORY, name), 'utf8') }));
const readme = pages.find(({ name }) => name === 'README.md')?.text ?? '';
const exchanges = pages.flatMap(({ name, text }) =>
  readExchanges(text).map((exchange, index) => ({ title: `${name} ${index + 1}`, exchange })),
);

/** The page and section a method is described in. */
function sectionOf(method: string): string {
  const heading = `## ${method}\n`;
  const page = pages.find(({ text }) => text.includes(heading))?.text ?? '';
  return page.slice(page.indexOf(heading)).split(/\n(?=## )/)[0] ?? '';
}

describe.each(methodNames)('%s', (method) => {
  it('is described as its schemas have it', () => {
    expect(sectionOf(method)).toContain(methodReference(method));
  });

  it('has an example', () => {
    const shown = readExchanges(sectionOf(method)).flatMap(({ lines }) => lines);
    expect(shown.map(({ value }) => value.method)).toContain(method);
  });
});

it.each(Object.keys(notifications) as NotificationName[])('the notification %s is described', (name) => {
  expect(readme).toContain(notificationReference(name));
});

it('every error code has its number and meaning', () => {
  for (const [code, number] of Object.entries(errorNumbers)) {
    expect(readme).toMatch(new RegExp(`^\\| ${number} \\| \`${code}\` \\| \\S.*\\|$`, 'm'));
  }
  for (const { number } of Object.values(envelopeErrors)) expect(readme).toContain(`| ${number} |`);
});

it('every limit is told with its value', () => {
  for (const value of Object.values(defaultLimits)) {
    expect(readme).toContain(`| ${value.toLocaleString('en')} `);
  }
});

it.each(exchanges)('the exchange $title is what the daemon answers', async ({ exchange }) => {
  const { paths } = await startTestServer({ notices: createNoticeLog(2) });
  const client = await connectRaw(paths[exchange.socket]);
  await replay(exchange, client, 'samples');
});

it.each(exchanges)('the exchange $title fits the schemas', async ({ exchange }) => {
  const { paths } = await startTestServer({ notices: createNoticeLog(2) });
  await replay(exchange, await connectRaw(paths[exchange.socket]), 'any daemon');
});
