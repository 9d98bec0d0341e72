import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DaemonError } from './errors.ts';
import type { UnixSeconds } from './ids.ts';
import { readSmallFile } from './private-file.ts';

const MAX_BYTES = 16 * 1024;

const schema = z.object({
  at: z.int(),
  code: z.string(),
  message: z.string(),
  repair: z.string().optional(),
  exitCode: z.int(),
});

/** How the dialogd of a state directory ended, for when nobody answers any more. */
export type LastFailure = z.output<typeof schema>;

const fileIn = (stateDir: string): string => join(stateDir, 'last-failure.json');

/** Undefined when it did not end by an error, or when that cannot be told. */
export async function readLastFailure(stateDir: string): Promise<LastFailure | undefined> {
  try {
    const bytes = await readSmallFile(fileIn(stateDir), MAX_BYTES);
    return bytes === undefined ? undefined : schema.parse(JSON.parse(bytes.toString()));
  } catch {
    return undefined;
  }
}

/**
 * Leaves word of the error that ends this process; synchronous, because nothing else happens any more. A second
 * daemon on a state in use says nothing about the first. Best effort: what cannot be written is in the log.
 */
export function leaveLastFailure(stateDir: string, error: unknown, exitCode: number, at: UnixSeconds): void {
  if (error instanceof DaemonError && error.code === 'already_running') return;
  const failure: LastFailure = { at, ...describe(error), exitCode };
  const file = fileIn(stateDir);
  try {
    rmSync(`${file}.new`, { force: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(failure)}\n`, { flag: 'wx', mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {}
}

/** The words of an unexpected error could be anything: they are for the log alone. */
function describe(error: unknown): Pick<LastFailure, 'code' | 'message' | 'repair'> {
  if (error instanceof DaemonError && error.code !== 'internal') {
    const { code, message, repair } = error;
    return { code, message, ...(repair === undefined ? {} : { repair }) };
  }
  return {
    code: 'internal',
    message: 'a bug ended it, the log has its stack',
    repair: 'dialogctl service logs, then start it again',
  };
}

/** It runs, or has stopped as asked. */
export function forgetLastFailure(stateDir: string): void {
  try {
    rmSync(fileIn(stateDir), { force: true });
  } catch {}
}
