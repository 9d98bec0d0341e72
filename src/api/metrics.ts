import { relaysInUse } from '../keypackages/world.ts';
import type { Delivery, KeyPackageKind, KeyPackageState } from '../records.ts';
import type { Examined } from './examined.ts';

type Samples = readonly (readonly [value: number, labels?: Readonly<Record<string, string>>])[];
type Figure = readonly [name: string, help: string, samples: Samples];

const KINDS: readonly KeyPackageKind[] = ['standard', 'last_resort'];
/** Of those whose private keys are in the store. */
const STATES = ['generated', 'published', 'confirmed', 'retired', 'used', 'expired', 'revoked'] as const;
const OUTCOMES: readonly Delivery['outcome'][] = ['sent', 'accepted', 'rejected', 'unknown'];

/**
 * Everything as the Prometheus text format has it. The account's first 8 digits tell the daemons of one machine
 * apart; nothing here is secret. The library is loaded when somebody asks for the first time.
 */
export async function renderMetrics(examined: Examined): Promise<string> {
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  registry.setDefaultLabels({ account: examined.status.account?.slice(0, 8) ?? '' });
  const loopLagSec = await measureLoopLag();
  for (const [name, help, samples] of figuresOf(examined, loopLagSec)) {
    const [first] = samples;
    // The library would say 0 of what is not known.
    if (first === undefined) continue;
    const labelNames = Object.keys(first[1] ?? {});
    const options = { name: `dialogd_${name}`, help, labelNames, registers: [registry] };
    const metric = name.endsWith('_total') ? new Counter(options) : new Gauge(options);
    for (const [value, labels = {}] of samples) metric.inc(labels, value);
  }
  return registry.metrics();
}

const figuresOf = (examined: Examined, loopLagSec: number): readonly Figure[] => [
  ['up', 'Always 1: the daemon runs.', [[1]]],
  ...healthFigures(examined),
  ...packageFigures(examined),
  ...relayFigures(examined),
  ...processFigures(examined, loopLagSec),
];

function healthFigures({ report, status }: Examined): readonly Figure[] {
  const codes = new Map<string, number>();
  for (const { code } of report.warnings) codes.set(code, (codes.get(code) ?? 0) + 1);
  return [
    ['live', 'Whether the engine moves.', [[Number(report.live)]]],
    ['ready', 'Whether the account can be invited and its inbox was read.', [[Number(report.ready)]]],
    ['invitable', 'Whether a stranger can invite the account.', [[Number(status.invitable.yes)]]],
    ['fresh', 'Whether the pool is within its age policy.', [[Number(report.fresh)]]],
    ['healthy', 'Whether nothing is wrong.', [[Number(report.state === 'healthy')]]],
    ['warnings', 'Conditions that hold now.', [...codes].map(([code, count]) => [count, { code }])],
  ];
}

function packageFigures({ world, status: { packages, inbox } }: Examined): readonly Figure[] {
  const inState = (kind: KeyPackageKind, state: KeyPackageState): number =>
    world.packages.filter((record) => record.kind === kind && record.state === state).length;
  const outcomes = world.outbox.flatMap(({ deliveries }) =>
    Object.values(deliveries).map(({ outcome }) => outcome),
  );
  return [
    [
      'packages',
      'KeyPackages whose private keys are kept.',
      KINDS.flatMap((kind) => STATES.map((state) => [inState(kind, state), { kind, state }] as const)),
    ],
    [
      'packages_wanted',
      'KeyPackages the configuration asks for.',
      [
        [packages.standard.wanted, { kind: 'standard' }],
        [packages.lastResort.wanted, { kind: 'last_resort' }],
      ],
    ],
    ['oldest_package_timestamp_seconds', 'When the oldest current one was published.', at(packages.oldestAt)],
    ['newest_package_timestamp_seconds', 'When the newest current one was published.', at(packages.newestAt)],
    ['first_expiry_timestamp_seconds', 'When the first current one expires.', at(packages.firstExpiryAt)],
    ['last_publish_timestamp_seconds', 'When one last left this machine.', at(packages.lastPublishedAt)],
    [
      'deliveries',
      'Events and relays by what came of sending.',
      OUTCOMES.map((outcome) => [outcomes.filter((each) => each === outcome).length, { outcome }]),
    ],
    ['inbox_wraps', 'Gift wraps that are not done yet.', [[inbox.pending.count]]],
    ['inbox_bytes', 'What they and the invitations take up.', [[inbox.pending.bytes]]],
    [
      'inbox_opened_total',
      'Gift wraps by what was in them, since the state was made.',
      Object.entries(inbox.counts).map(([kind, count]) => [count ?? 0, { kind }] as const),
    ],
    ['inbox_turned_away', 'Found no room since the start; asked for again.', [[inbox.pending.turnedAway]]],
    ['inbox_listening', 'Whether an inbox relay pushes what is sent now.', [[Number(inbox.listening)]]],
    ['inbox_read', 'Whether the inbox was read to the end.', [[Number(inbox.caughtUp)]]],
  ];
}

function relayFigures({ world: { roles, session } }: Examined): readonly Figure[] {
  const inUse = relaysInUse(roles);
  const each = (set: ReadonlySet<string>): Samples =>
    inUse.map((relay) => [Number(set.has(relay)), { relay }]);
  return [
    ['relays', 'Relays in use.', [[inUse.length]]],
    [
      'relays_connected',
      'Those that are connected.',
      [[inUse.filter((url) => session.connected.has(url)).length]],
    ],
    ['relay_connected', 'Whether it is connected.', each(session.connected)],
    ['relay_answering', 'Whether it has answered on this connection.', each(session.answering)],
  ];
}

function processFigures({ world, status }: Examined, loopLagSec: number): readonly Figure[] {
  const { user, system } = process.cpuUsage();
  return [
    ['build_info', 'Versions.', [[1, { version: status.version, node: process.version }]]],
    ['start_timestamp_seconds', 'When this process started.', at(status.startedAt)],
    ['disk_free_bytes', 'Space for the state directory.', [[world.disk.freeBytes]]],
    ['process_cpu_seconds_total', 'CPU time spent.', [[(user + system) / 1e6]]],
    ['process_resident_memory_bytes', 'Memory in use.', [[process.memoryUsage.rss()]]],
    ['event_loop_lag_seconds', 'How late the event loop was, just now.', [[loopLagSec]]],
  ];
}

/** An instant that may not have come yet. */
const at = (instant: number | undefined): Samples => (instant === undefined ? [] : [[instant]]);

/** A histogram would keep a timer running all the time. */
async function measureLoopLag(): Promise<number> {
  const began = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  return (performance.now() - began) / 1_000;
}
