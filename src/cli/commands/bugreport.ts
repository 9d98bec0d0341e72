import { resolve } from 'node:path';
import { type Config, loadConfig } from '../../config.ts';
import { DaemonError } from '../../errors.ts';
import type { Client } from '../../ipc/client.ts';
import type { Result } from '../../ipc/protocol/methods.ts';
import { writePrivateFile } from '../../private-file.ts';
import { machineLines } from '../bugreport/machine.ts';
import { createPseudonyms } from '../bugreport/pseudonyms.ts';
import * as sections from '../bugreport/sections.ts';
import { type Context, withClient } from '../context.ts';
import { type Examination, type ExamineOptions, examine, reaching } from '../doctor/examine.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Notice, recentNotices } from '../recent-notices.ts';

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

const NOTICES = 50;
const PREAMBLE = `Made by dialogctl bugreport. Accounts, relays, people, machines and places are not named: relay-1 is one
relay, and the same one throughout.`;

/** Prints what helps to find a bug, and nothing that tells whose it is. */
export async function bugreport(
  context: Context,
  { output, ...options }: ExamineOptions & { readonly output?: string },
): Promise<number> {
  const { terminal } = context;
  const report = await compose(context, await examine(context, options));
  const text = context.options.json ? `${JSON.stringify(report, null, 2)}\n` : rendered(report);
  if (output === undefined) terminal.out(text);
  else {
    await writePrivateFile(resolve(output), text).catch(cannotWrite(output));
    terminal.out(`Written to ${output}\n`);
  }
  return exitCodes.success;
}

const cannotWrite =
  (file: string) =>
  (error: NodeJS.ErrnoException): never => {
    throw new DaemonError('invalid_argument', `${file} cannot be written: ${error.code}`, {
      repair: 'name a file in a directory of yours',
      cause: error,
    });
  };

async function compose(context: Context, examination: Examination): Promise<Section[]> {
  const { paths, findings, answers, lastFailure } = examination;
  const always = [
    { title: 'Versions', lines: await machineLines(context.env) },
    { title: 'Configuration', lines: sections.configLines(readConfig(paths.configFile)) },
    { title: 'Checks', lines: sections.findingLines(findings) },
  ];
  if (answers === undefined) {
    return [
      ...always,
      { title: 'Status', lines: sections.silenceLines(lastFailure, context.terminal.now()) },
    ];
  }
  const { status, relays } = answers;
  const { health, packages, notices } = await withClient(reaching(context, paths), 'notices.subscribe', ask);
  const names = createPseudonyms();
  return [
    ...always,
    { title: 'Status', lines: sections.statusLines(status) },
    { title: 'Health', lines: sections.healthLines(health, names) },
    { title: 'Relays', lines: sections.relayLines(relays.relays, status.now, names) },
    { title: 'KeyPackages', lines: sections.packageLines(packages, status.now, names) },
    { title: 'Notices', lines: sections.noticeLines(notices, status.now, names) },
  ];
}

/** Undefined when it has a mistake: the mistake itself may be a name. */
function readConfig(file: string): Config | undefined {
  try {
    return loadConfig(file);
  } catch (error) {
    if (error instanceof DaemonError) return undefined;
    throw error;
  }
}

async function ask(client: Client): Promise<{
  health: Result<'daemon.health'>;
  packages: Result<'keyPackages.list'>['packages'];
  notices: readonly Notice[];
}> {
  const health = await client.call('daemon.health', {});
  const { packages } = await client.call('keyPackages.list', {});
  return { health, packages, notices: await recentNotices(client, NOTICES) };
}

const rendered = (report: readonly Section[]): string =>
  `${PREAMBLE}\n${report
    .map(({ title, lines }) => `\n${title}\n${lines.map((line) => `  ${line}\n`).join('') || '  none\n'}`)
    .join('')}`;
