/** From a detail for whoever looks closely to what will not mend itself. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface EventFacts {
  readonly level: LogLevel;
  /** Two of them that agree in these fields are one fact said again: counted instead of repeated. */
  readonly repeats?: readonly string[];
  /** The facts of the same subject that are over with this one. */
  readonly ends?: readonly string[];
}

/**
 * Every event that the daemon logs. Names are stable: filters and alerts refer to them. docs/journal.md says of each when
 * it happens, what its fields are and what to do.
 */
export const LOG_EVENTS = {
  // the process
  supervisor: { level: 'info' },
  supervisor_not_told: { level: 'warn' },
  started: { level: 'info' },
  socket_listening: { level: 'info' },
  ready: { level: 'info' },
  ready_degraded: { level: 'warn' },
  watchdog_withheld: { level: 'warn' },
  watchdog_resumed: { level: 'info' },
  stopping: { level: 'info' },
  stopped_while_busy: { level: 'warn' },
  stopped: { level: 'info' },
  failed: { level: 'error' },
  bug: { level: 'error' },
  // configuration and clock
  config_reloaded: { level: 'info' },
  restart_needed: { level: 'warn' },
  config_refused: { level: 'error' },
  clock_jumped: { level: 'info', repeats: [] },
  // health
  condition_began: { level: 'warn', repeats: ['code', 'dependsOn'], ends: ['condition_ended'] },
  condition_ended: { level: 'info', repeats: ['code', 'dependsOn'], ends: ['condition_began'] },
  metrics_file_failed: { level: 'warn', repeats: ['path'] },
  // KeyPackages
  relay_lists_staged: { level: 'info' },
  key_packages_staged: { level: 'info' },
  key_package_staged: { level: 'debug' },
  events_accepted: { level: 'info' },
  events_rejected: { level: 'warn', repeats: ['relay'] },
  events_unanswered: { level: 'info', repeats: ['relay'] },
  event_answered: { level: 'debug' },
  key_packages_erased: { level: 'info' },
  key_package_erased: { level: 'debug' },
  signing_failed: { level: 'info', repeats: [] },
  read_back_failed: { level: 'info', repeats: ['relay'] },
  relay_lost_package: { level: 'warn', repeats: ['relay'] },
  relay_serves_older: { level: 'warn', repeats: ['relay'] },
  foreign_package: { level: 'warn', repeats: ['relay'] },
  pool_quarantined: { level: 'error' },
  restored: { level: 'warn' },
  // invitations
  gift_wraps_received: { level: 'info', repeats: ['relay'] },
  gift_wrap_opened: { level: 'debug' },
  invitation_received: { level: 'info', repeats: ['sender'] },
  invite_flood: { level: 'warn', repeats: ['relay'] },
  inbox_reading_failed: { level: 'debug' },
  inbox_relay_deaf: { level: 'warn', repeats: ['relay'] },
  inbox_hidden: { level: 'warn', repeats: ['relay'] },
  inbox_stuck: { level: 'warn', repeats: ['relay'] },
  seen_forgotten: { level: 'warn', repeats: [] },
  // relays
  relays_too_many: { level: 'warn', repeats: [] },
  relay_connected: { level: 'info', repeats: ['relay'], ends: ['relay_disconnected'] },
  relay_disconnected: { level: 'info', repeats: ['relay'], ends: ['relay_connected'] },
  relay_authenticated: { level: 'info', repeats: ['relay'], ends: ['relay_auth_failed'] },
  relay_auth_failed: { level: 'warn', repeats: ['relay'], ends: ['relay_authenticated'] },
  relay_subscription_closed: { level: 'info', repeats: ['relay', 'name'] },
  relay_message_ignored: { level: 'debug' },
  relay_event_invalid: { level: 'debug' },
  relay_notice: { level: 'debug' },
  // clients
  connections_full: { level: 'warn', repeats: ['path'] },
  client_refused: { level: 'warn', repeats: ['path'] },
  accept_failed: { level: 'error', repeats: [] },
  call_failed: { level: 'error', repeats: ['method'] },
  notices_unreadable: { level: 'error', repeats: [] },
  client_hello: { level: 'debug' },
} as const satisfies Readonly<Record<string, EventFacts>>;

export const factsOf = (event: LogEvent): EventFacts => LOG_EVENTS[event];

type Catalogue = typeof LOG_EVENTS;

/** The names that are logged at this level. */
export type LogEvent<L extends LogLevel = LogLevel> = {
  [Name in keyof Catalogue]: Catalogue[Name]['level'] extends L ? Name : never;
}[keyof Catalogue];

/** What an event is about. The names that every line has of its own are taken. */
export type LogFields = Readonly<Record<string, unknown>> & {
  readonly level?: never;
  readonly time?: never;
  readonly event?: never;
};
