import { expect, test } from 'vitest';
import { createHealthMonitor } from '../../../src/api/health.ts';
import { plus } from '../../../src/ids.ts';
import { createRecordingLog } from '../../support/log.ts';
import { freshPool, NOW, POLICY, readInbox, worldOf } from '../../support/world.ts';

const flooded = (later: number) =>
  worldOf(freshPool(), { now: plus(NOW, later), inbox: { ...readInbox, flooded: true } });
const calm = (later: number) => worldOf(freshPool(), { now: plus(NOW, later) });

test('who asks how it is changes nothing: no line is logged, and nothing counts as begun or ended', () => {
  const log = createRecordingLog();
  const monitor = createHealthMonitor(POLICY, log);
  monitor.observe(calm(0));
  expect(monitor.view(flooded(10), true).warnings).toMatchObject([{ code: 'invite_flood', since: NOW + 10 }]);
  expect(monitor.view(flooded(20), true).warnings).toMatchObject([{ since: NOW + 20 }]);
  expect(log.lines).toEqual([]);
  monitor.observe(flooded(30));
  expect(monitor.view(flooded(40), true).warnings).toMatchObject([{ since: NOW + 30 }]);
  monitor.view(calm(50), true);
  expect(log.lines.map(({ event }) => event)).toEqual(['condition_began']);
  monitor.observe(calm(60));
  expect(log.lines.at(-1)).toMatchObject({ event: 'condition_ended', fields: { lastedSec: 30 } });
});

test('an engine that is stuck is told since its last pass', () => {
  const monitor = createHealthMonitor(POLICY, createRecordingLog());
  monitor.observe(calm(0));
  expect(monitor.view(calm(90), false).warnings).toMatchObject([{ code: 'engine_stuck', since: NOW }]);
});
