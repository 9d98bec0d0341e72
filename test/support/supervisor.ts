import type { Supervisor } from '../../src/ports.ts';

/** Keeps what it was told, in order. */
export interface RecordingSupervisor extends Supervisor {
  readonly told: readonly string[];
}

export function createRecordingSupervisor(): RecordingSupervisor {
  const told: string[] = [];
  const keep = (text: string): void => void told.push(text);
  return {
    told,
    transport: 'none',
    ready: (status) => keep(`ready: ${status}`),
    status: (line) => keep(`status: ${line}`),
    reloading: () => keep('reloading'),
    reloaded: () => keep('reloaded'),
    needsAnother: (ms) => keep(`needs another ${ms} ms`),
    alive: () => keep('alive'),
    stopping: async () => keep('stopping'),
  };
}
