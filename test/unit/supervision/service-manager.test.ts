import { expect, test } from 'vitest';
import { takeServiceManager } from '../../../src/supervision/service-manager.ts';

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' };

test('what it says is taken, and no child process inherits it', () => {
  const env = { ...SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '42', PATH: '/bin' };
  expect(takeServiceManager(env, 42)).toEqual({ notifySocket: '/run/systemd/notify', watchdogMs: 60_000 });
  expect(env).toEqual({ PATH: '/bin' });
});

test.each([
  ['nothing at all', {}],
  ['an empty period', { ...SOCKET, WATCHDOG_USEC: '' }],
  ['a period of nothing', { ...SOCKET, WATCHDOG_USEC: '0' }],
  ['a period that is no number', { ...SOCKET, WATCHDOG_USEC: '1 min' }],
  ['the watchdog of another process', { ...SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '43' }],
  ['a watchdog that nobody can be told for', { WATCHDOG_USEC: '60000000', NOTIFY_SOCKET: '' }],
])('%s asks for no watchdog', (_, env) => {
  expect(takeServiceManager(env, 42).watchdogMs).toBeUndefined();
});

test('a period without a process is meant for whoever reads it', () => {
  expect(takeServiceManager({ ...SOCKET, WATCHDOG_USEC: '2000000' }, 42).watchdogMs).toBe(2_000);
});
