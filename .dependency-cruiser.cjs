/**
 * Import direction: daemon, manual > api, supervision, logging, backup, cli > ipc > scheduler, inbox > adapters > pure
 * rooms > ground files.
 */
const policy = '^src/policy\\.ts$';
const ground = '^src/(?!policy\\.ts$)[^/]+\\.ts$';
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, ...allowed] },
});
const account = ['^src/protocol/', '^src/invitations/', '^src/keypackages/', '^src/delivery/'];
const judge = '^src/stranger/judge\\.ts$';
const pure = [...account, '^src/groups/', '^src/health/', judge, policy];
const engines = ['^src/scheduler/', '^src/inbox/'];
const soleImporter = (name, room, modules) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: room },
  to: { path: modules.map((m) => `node_modules/${m}/`) },
});
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('ground-files-import-ground-files', ground, []),
    only('protocol-sees-ground', '^src/protocol/', [ground]),
    only('invitations-see-the-wire', '^src/invitations/', [ground, '^src/protocol/']),
    only('keypackages-below-delivery', '^src/keypackages/', [ground, '^src/protocol/', '^src/invitations/']),
    only('delivery-below-policy', '^src/delivery/', [ground, ...account]),
    only('groups-below-adapters', '^src/groups/', [ground, '^src/protocol/', '^src/keypackages/']),
    only('health-judges-the-world', '^src/health/', [ground, ...account]),
    only('policy-sums-up-pure-rooms', policy, [ground, ...account, '^src/groups/']),
    only('stranger-judges-what-it-fetched', judge, [ground, '^src/protocol/']),
    only('stranger-looks-from-outside', '^src/stranger/look\\.ts$', [
      ground,
      ...pure,
      '^src/relay/',
      '^src/scheduler/(deps|fetch-each)\\.ts$',
      '^src/ipc/protocol/',
    ]),
    only('mls-adapter', '^src/mls/', [ground, ...pure]),
    only('identity-adapter', '^src/identity/', [ground, ...pure]),
    only('relay-adapter', '^src/relay/', [ground, ...pure]),
    only('store-adapter', '^src/store/', [ground, ...pure]),
    only('native-adapter', '^src/native/', [ground]),
    only('scheduler-sees-ports', '^src/scheduler/', [ground, ...pure]),
    only('inbox-sees-ports', '^src/inbox/', [ground, ...pure]),
    only('ipc-edge', '^src/ipc/', [ground, ...pure, ...engines]),
    only('usage-reads-any-program', '^src/usage/', []),
    only('cli-sees-client-and-protocol', '^src/cli/', [
      ground,
      '^src/usage/',
      '^src/ipc/client',
      '^src/ipc/protocol',
    ]),
    only('api-answers-from-the-engines', '^src/api/', [
      ground,
      ...pure,
      ...engines,
      '^src/ipc/',
      '^src/stranger/',
    ]),
    only('logging-sees-libc', '^src/logging/', [ground, '^src/native/']),
    only('supervision-watches', '^src/supervision/', [
      ground,
      ...pure,
      ...engines,
      '^src/native/',
      '^src/relay/limits\\.ts$',
      '^src/api/',
    ]),
    only('backup-reads-and-writes-state', '^src/backup/', [
      ground,
      ...pure,
      ...engines,
      '^src/identity/',
      '^src/store/',
      '^src/ipc/',
      '^src/daemon/state\\.ts$',
    ]),
    {
      name: 'pure-rooms-import-no-node-module',
      severity: 'error',
      from: { path: pure },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-rooms-import-no-io-library',
      severity: 'error',
      from: { path: pure },
      to: {
        path: 'node_modules/',
        pathNot: ['node_modules/nostr-tools/', 'node_modules/@noble/', 'node_modules/zod/'],
      },
    },
    soleImporter('only-mls-imports-ts-mls', '^src/mls/', ['ts-mls']),
    soleImporter('only-store-imports-level', '^src/store/', ['level', 'classic-level', 'abstract-level']),
    soleImporter('only-identity-imports-age', '^src/identity/', ['age-encryption']),
    soleImporter('only-relay-imports-ws', '^src/relay/', ['ws']),
    // The configuration judges an expression with the library that reads it.
    soleImporter('only-scheduler-imports-node-cron', ['^src/scheduler/', '^src/config\\.ts$'], ['node-cron']),
    soleImporter('only-native-imports-koffi', '^src/native/', ['koffi']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
