import { expect, test } from 'vitest';
import { milliseconds } from '../../../src/ids.ts';
import { createSupervisor } from '../../../src/supervision/supervisor.ts';
import { createRecordingLog } from '../../support/log.ts';

/** A supervisor over a transport that keeps what it is given, or fails while told to. */
function setUp() {
  const log = createRecordingLog();
  const told: (readonly string[])[] = [];
  const transport = { name: 'native' as const, failing: false };
  const supervisor = createSupervisor({
    transport: {
      name: transport.name,
      async send(assignments) {
        if (transport.failing) throw new Error('nobody listens');
        told.push(assignments);
      },
    },
    monotonicUsec: () => 5_000_000n,
    log,
  });
  return { supervisor, transport, log, told };
}

test('everything is told in order, and a status keeps to its line', async () => {
  const { supervisor, told, log } = setUp();
  supervisor.needsAnother(milliseconds(60_000));
  supervisor.ready('all is well\nMAINPID=1');
  supervisor.status('11/11 published');
  supervisor.reloading();
  supervisor.reloaded();
  supervisor.alive();
  await supervisor.stopping();
  expect(told).toEqual([
    ['EXTEND_TIMEOUT_USEC=60000000'],
    ['READY=1', 'STATUS=all is well MAINPID=1'],
    ['STATUS=11/11 published'],
    ['RELOADING=1', 'MONOTONIC_USEC=5000000'],
    ['READY=1'],
    ['WATCHDOG=1'],
    ['STOPPING=1'],
  ]);
  expect(log.lines).toEqual([{ level: 'info', event: 'supervisor', fields: { transport: 'native' } }]);
});

test('a reload before the start is done does not end the start', async () => {
  const { supervisor, told } = setUp();
  supervisor.reloading();
  supervisor.reloaded();
  await supervisor.stopping();
  expect(told).toEqual([['STOPPING=1']]);
});

test('a service manager that does not listen is logged once each time it stops, and holds nothing up', async () => {
  const { supervisor, transport, log, told } = setUp();
  transport.failing = true;
  supervisor.ready('all is well');
  supervisor.status('still');
  await supervisor.stopping();
  expect(log.lines.map(({ event }) => event)).toEqual(['supervisor', 'supervisor_not_told']);
  transport.failing = false;
  await supervisor.stopping();
  transport.failing = true;
  await supervisor.stopping();
  expect(told).toEqual([['STOPPING=1']]);
  expect(log.lines.filter(({ event }) => event === 'supervisor_not_told')).toHaveLength(2);
});
