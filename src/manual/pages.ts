/** The manual pages of both programs. */
import { examples } from '../cli/examples.ts';
import { exitCodeMeanings } from '../cli/exit-codes.ts';
import { createProgram as createDialogctl } from '../cli/program.ts';
import { EXIT_MEANINGS } from '../daemon/exit-codes.ts';
import { createProgram as createDialogd } from '../daemon/program.ts';
import { type ManualFacts, type Meaning, manualPage } from '../usage/manual-page.ts';
import { shapeOf } from '../usage/shape.ts';
import { VERSION } from '../version.ts';

interface Page {
  /** `dialogctl.1` */
  readonly file: string;
  readonly source: string;
}

export function manualPages(): Page[] {
  const silent = { out: () => {}, err: () => {} };
  const idle = { run: async () => {}, guards: () => {} };
  return [
    { file: 'dialogctl.1', source: manualPage(shapeOf(createDialogctl(silent, async () => {})), dialogctl) },
    { file: 'dialogd.8', source: manualPage(shapeOf(createDialogd(idle)), dialogd) },
  ];
}

const XDG: readonly Meaning[] = [
  ['HOME', 'what follows is below it unless set'],
  ['XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR', 'where a directory dialogd is for each kind of file'],
];

const FILES: readonly Meaning[] = [
  ['~/.config/dialogd/config.toml', 'The configuration; what is not set has a default.'],
  ['~/.local/state/dialogd', 'The account, its keys, and everything else that must not be lost.'],
  ['$XDG_RUNTIME_DIR/dialogd/dialogd.sock', 'The socket that may change things.'],
  ['$XDG_RUNTIME_DIR/dialogd/dialogd-ro.sock', 'The socket that only looks.'],
];

const dialogctl: ManualFacts = {
  section: 1,
  version: VERSION,
  description: [
    'dialogctl talks to a running dialogd over its Unix sockets; commands that only look use the read-only one. init, ' +
      'restore, and backup without a daemon run dialogd itself, service asks the service manager, and doctor and ' +
      'bugreport look at all of it, whether a daemon runs or not.',
    'Every command prints text for people and, with --json, the same for programs; service and completion print text ' +
      'alone. Standard output has the answer, standard error what went wrong and the way out.',
  ],
  examples: (path) => examples[path.replace(/^dialogctl /, '')] ?? [],
  exitStatus: exitCodeMeanings.map(([code, meaning]) => [String(code), meaning]),
  environment: [
    ...XDG,
    [
      'STATE_DIRECTORY, CONFIGURATION_DIRECTORY, RUNTIME_DIRECTORY',
      'the same, as systemd sets them; these win',
    ],
    ['NO_COLOR', 'no colours when it is set'],
  ],
  files: FILES,
  seeAlso: ['dialogd(8)', 'systemctl(1)', 'journalctl(1)'],
};

const dialogd: ManualFacts = {
  section: 8,
  version: VERSION,
  description: [
    'dialogd owns the MLS identity of one Nostr account. It keeps KeyPackages of it published on relays, replaces ' +
      'them by age, use and Lifetime, erases private keys when their time has come, and stores every invitation.',
    'It stays in the foreground, writes its log to standard error, and is meant to run under a supervisor that starts ' +
      'it again: see dialogctl service install. What was under way when it ended is taken up at the next start.',
  ],
  examples: (path) =>
    path === 'dialogd'
      ? [
          {
            purpose: 'Run a second account beside the first',
            line: 'dialogd --config ~/work.toml --state-dir ~/work --runtime-dir ~/work/run',
          },
        ]
      : [],
  signals: [
    ['SIGTERM, SIGINT', 'ends what is under way, within seconds, and stops'],
    [
      'SIGHUP',
      'reads the configuration again; log.level applies at once, the rest is named as needing a restart',
    ],
  ],
  exitStatus: Object.entries(EXIT_MEANINGS),
  environment: [
    ...XDG,
    [
      'STATE_DIRECTORY, CONFIGURATION_DIRECTORY, RUNTIME_DIRECTORY, CREDENTIALS_DIRECTORY',
      'as systemd sets them (systemd.exec(5)); they win over the above, options win over them',
    ],
    ['NOTIFY_SOCKET', 'where the supervisor is told that dialogd is ready, and how it is (sd_notify(3))'],
    [
      'WATCHDOG_USEC, WATCHDOG_PID',
      'how often it is told that dialogd is alive: four times in this many microseconds (sd_watchdog_enabled(3))',
    ],
    ['LISTEN_FDS, LISTEN_PID', 'the two sockets, where the supervisor has made them (sd_listen_fds(3))'],
    [
      'JOURNAL_STREAM',
      'tells whether standard error leads to the journal, which is then sent entries with fields (systemd.exec(5))',
    ],
  ],
  files: FILES,
  seeAlso: ['dialogctl(1)', 'systemd(1)', 'systemd.exec(5)'],
};
