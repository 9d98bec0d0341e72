import { describe, expect, onTestFinished, test } from 'vitest';
import { createLog, type LeveledLog } from '../../../src/logging/logging.ts';
import { createLogPlace, type Form, type TestPlace } from '../../support/log-place.ts';

const FORMS: readonly Form[] = ['native', 'refusing', 'marked', 'terminal', 'plain'];
const RELAY = 'wss://relay.example/';

function logTo(form: Form, change: Partial<TestPlace> = {}): { log: LeveledLog; place: TestPlace } {
  const place = createLogPlace(form);
  onTestFinished(() => place.remove());
  return { log: createLog('info', { ...place, ...change }), place };
}

/** Everything that left, in whichever form. */
const everything = ({ text, entries }: TestPlace): string =>
  text() + entries.flatMap((entry) => [...entry].flat()).join('\n');

describe('into the journal', () => {
  test('a fact is one entry: words to read, a priority, and every field by a name to search for', () => {
    const { log, place } = logTo('native');
    log.warn('condition_began', { code: 'relay_down', relay: RELAY, message: 'it is down', repair: 'look' });
    expect(place.text()).toBe('');
    expect(place.entries.map((entry) => Object.fromEntries(entry))).toEqual([
      {
        MESSAGE: `condition_began: it is down code=relay_down relay=${RELAY} (repair: look)`,
        PRIORITY: '4',
        SYSLOG_IDENTIFIER: 'dialogd',
        DIALOGD_EVENT: 'condition_began',
        DIALOGD_CODE: 'relay_down',
        DIALOGD_RELAY: RELAY,
        DIALOGD_MESSAGE: 'it is down',
        DIALOGD_REPAIR: 'look',
      },
    ]);
  });

  test('values of several lines, of other types and in other scripts arrive as they are', () => {
    const { log, place } = logTo('native');
    const message = 'config.toml:\n  colour=: unbekannte Einstellung „ä“\n';
    log.error('config_refused', { message, lastedSec: 12, settings: ['a.b', 'c.d'], left: undefined });
    expect(place.entries[0]).toEqual(
      new Map([
        ['MESSAGE', `config_refused: ${message} lastedSec=12 settings=a.b,c.d`],
        ['PRIORITY', '3'],
        ['SYSLOG_IDENTIFIER', 'dialogd'],
        ['DIALOGD_EVENT', 'config_refused'],
        ['DIALOGD_MESSAGE', message],
        ['DIALOGD_LASTED_SEC', '12'],
        ['DIALOGD_SETTINGS', '["a.b","c.d"]'],
      ]),
    );
  });

  test('a name is one that journald takes, whatever the field was called', () => {
    const { log, place } = logTo('native');
    log.info('started', { ['a-very.long name '.repeat(6)]: 1 });
    const names = [...(place.entries[0]?.keys() ?? [])];
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9_]{0,63}$/);
  });

  test('an entry that cannot be sent is written to standard error, with its priority', () => {
    const { log, place } = logTo('refusing');
    log.error('failed', { code: 'disk_full' });
    expect(place.text()).toBe('<3>{"level":"error","code":"disk_full","event":"failed"}\n');
  });

  test('without libc every line is JSON after its priority', () => {
    const { log, place } = logTo('marked');
    log.setLevel('debug');
    log.debug('client_hello');
    log.info('stopping');
    expect(place.text()).toBe(
      '<7>{"level":"debug","event":"client_hello"}\n<6>{"level":"info","event":"stopping"}\n',
    );
  });

  test('JOURNAL_STREAM that is about another file means nothing', () => {
    const { log, place } = logTo('native', { env: { JOURNAL_STREAM: '1:2' } });
    log.info('stopping');
    expect(place.entries).toEqual([]);
    expect(JSON.parse(place.text())).toMatchObject({ level: 'info', event: 'stopping' });
  });
});

test('on a terminal a line starts with the time and the level, and needs no parser', () => {
  const { log, place } = logTo('terminal');
  log.info('relay_disconnected', { relay: RELAY, reason: 'connection refused', delayMs: 900 });
  expect(place.text()).toMatch(
    /^\d\d:\d\d:\d\d info {2}relay_disconnected relay=wss:\/\/relay\.example\/ reason="connection refused" delayMs=900\n$/,
  );
});

test('the words of a relay cannot steer a terminal', () => {
  const { log, place } = logTo('terminal');
  log.warn('events_rejected', { relay: RELAY, count: 1, reason: 'blocked:\u001b[2J\u009b31m\r\nbug: none' });
  expect(place.text()).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(place.text().split('\n')).toHaveLength(2);
});

test('in a file a line is JSON with its time', () => {
  const { log, place } = logTo('plain');
  log.info('ready', { status: 'all is well' });
  expect(JSON.parse(place.text())).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    status: 'all is well',
    event: 'ready',
  });
});

describe.each(FORMS)('in the form "%s"', (form) => {
  test('a line below the level is not written, and one at a new level is', () => {
    const { log, place } = logTo(form);
    log.debug('client_hello', { client: 'before' });
    log.setLevel('debug');
    log.debug('client_hello', { client: 'after' });
    expect(everything(place)).not.toContain('before');
    expect(everything(place)).toContain('after');
  });

  test('what was thrown is there with its words and its stack', () => {
    const { log, place } = logTo(form);
    log.error('call_failed', { method: 'daemon.status', error: new TypeError('no such thing') });
    expect(everything(place)).toContain('no such thing');
    expect(everything(place)).toContain('logging.test.ts');
  });

  test('a secret given by mistake is not', () => {
    const { log, place } = logTo(form);
    const canary = '5e'.repeat(32);
    const words = `nsec1${'q'.repeat(58)}`;
    log.info('started', { secretKey: canary, identity: { nsec: canary, key: canary } });
    log.error('failed', { message: `cannot read ${words}`, error: new Error(`cannot read ${words}`) });
    expect(everything(place)).toContain('[secret]');
    for (const secret of [canary, words]) expect(everything(place)).not.toContain(secret);
  });
});
