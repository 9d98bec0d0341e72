import { expect, test } from 'vitest';
import { createExamination } from '../../../src/api/examined.ts';
import { renderMetrics } from '../../../src/api/metrics.ts';
import { plus } from '../../../src/ids.ts';
import type { World } from '../../../src/keypackages/world.ts';
import { decide } from '../../../src/policy.ts';
import { createRecordingLog } from '../../support/log.ts';
import { status } from '../../support/rpc/samples.ts';
import {
  freshPool,
  HOUR,
  NOW,
  POLICY,
  packageOf,
  RELAY_A,
  RELAY_B,
  readInbox,
  worldOf,
} from '../../support/world.ts';

const ACCOUNT = '3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d';

function metricsOf(world: World, live = true): Promise<string> {
  const { view } = createExamination(POLICY, createRecordingLog(), {
    account: ACCOUNT,
    version: '0.1.0',
    startedAt: NOW,
    seal: { source: 'key_file' },
    guards: status.guards,
    signerType: 'local',
  });
  return renderMetrics(view({ world, plan: decide(world, POLICY) }, live));
}

const pool = freshPool().map(({ record, entry }) => ({
  record: { ...record, publishedAt: record.stagedAt },
  entry,
}));
const sampleOf = (text: string, series: string): number => {
  const line = text.split('\n').find((each) => each.startsWith(`dialogd_${series} `));
  return Number(line?.slice(line.lastIndexOf(' ') + 1));
};

test('the start is that of the process, whenever its clock jumped since', async () => {
  const jumped = worldOf(pool, { session: { startedAt: plus(NOW, HOUR) } });
  expect(await metricsOf(jumped)).toMatch(
    new RegExp(`^dialogd_start_timestamp_seconds\\{.*\\} ${NOW}$`, 'm'),
  );
});

test('every line is what the text format allows, and every name is ours', async () => {
  const lines = (await metricsOf(worldOf(pool))).trimEnd().split('\n');
  const label = '[a-z]+="[^"\\\\\\n]*"';
  const sample = new RegExp(`^dialogd_[a-z_]+\\{${label}(,${label})*\\} -?[0-9.e+-]+$`);
  for (const line of lines.filter((each) => each !== '')) {
    expect(line).toMatch(line.startsWith('#') ? /^# (HELP|TYPE) dialogd_[a-z_]+ .+/ : sample);
  }
  expect(lines.length).toBeGreaterThan(60);
});

test('a healthy pool is told in figures', async () => {
  const text = await metricsOf(worldOf(pool, { inbox: { ...readInbox, kept: { count: 7, bytes: 700 } } }));
  const own = 'account="3bf0c63f"';
  for (const name of ['up', 'live', 'ready', 'invitable', 'fresh', 'healthy']) {
    expect([name, sampleOf(text, `${name}{${own}}`)]).toEqual([name, 1]);
  }
  expect(sampleOf(text, `packages{kind="standard",state="confirmed",${own}}`)).toBe(2);
  expect(sampleOf(text, `packages{kind="last_resort",state="confirmed",${own}}`)).toBe(1);
  expect(sampleOf(text, `packages{kind="standard",state="used",${own}}`)).toBe(0);
  expect(sampleOf(text, `oldest_package_timestamp_seconds{${own}}`)).toBe(NOW - HOUR);
  expect(sampleOf(text, `first_expiry_timestamp_seconds{${own}}`)).toBe(pool[0]!.record.notAfter);
  expect(sampleOf(text, `deliveries{outcome="accepted",${own}}`)).toBe(3);
  expect(sampleOf(text, `relay_connected{relay="${RELAY_A}",${own}}`)).toBe(1);
  expect(sampleOf(text, `inbox_wraps{${own}}`)).toBe(7);
  expect(sampleOf(text, `process_resident_memory_bytes{${own}}`)).toBeGreaterThan(1e6);
  expect(text).not.toContain('dialogd_warnings');
});

test('what is wrong is counted by its code', async () => {
  const roles = { write: [RELAY_A, RELAY_B], inbox: [RELAY_A, RELAY_B], bootstrap: [] };
  const text = await metricsOf(worldOf(pool, { roles, session: { connected: new Set() } }), false);
  expect(text).toContain('dialogd_warnings{code="relay_down",account="3bf0c63f"} 2\n');
  expect(text).toContain('dialogd_warnings{code="engine_stuck",account="3bf0c63f"} 1\n');
  expect(text).toContain('dialogd_live{account="3bf0c63f"} 0\n');
  expect(text).toContain('dialogd_healthy{account="3bf0c63f"} 0\n');
});

test('an instant that has not come has no sample', async () => {
  const text = await metricsOf(worldOf([packageOf('one', HOUR, { state: 'generated' })]));
  expect(text).not.toContain('last_publish_timestamp');
});

test('no more of the account is told than 8 digits', async () => {
  expect(await metricsOf(worldOf(pool))).not.toContain(ACCOUNT.slice(0, 9));
});
