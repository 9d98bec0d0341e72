import type { Command } from 'commander';
import type { Finding } from '../../finding.ts';
import { type Paths, resolvePaths } from '../../paths.ts';
import { VERSION } from '../../version.ts';
import { checkAccount } from '../check/account.ts';
import { checkConfiguration } from '../check/configuration.ts';
import { livingHolder, type Place } from '../check/place.ts';
import { checkProgram } from '../check/program.ts';
import { checkStateDirectory } from '../check/state-directory.ts';
import { checkStore } from '../check/store.ts';

interface CheckOptions {
  readonly stateDir?: string;
  readonly runtimeDir?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `dialogd check`, which `dialogctl doctor` runs: looks at what is at rest, whether a daemon runs or not. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('look at configuration and state, and change nothing (run it through dialogctl doctor)')
    .option('--json', 'answer in JSON')
    .action(async (_, command: Command) => {
      const options = command.optsWithGlobals<CheckOptions>();
      const paths = resolvePaths(process.env, options);
      const answer = await check(paths, process.env);
      process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : text(answer.findings));
      process.exitCode = answer.findings.some(({ level }) => level === 'error') ? 1 : 0;
    });
}

interface Answer {
  readonly holder: Place['holder'] | null;
  readonly findings: readonly Finding[];
}

async function check(paths: Paths, env: NodeJS.ProcessEnv): Promise<Answer> {
  const { config, findings } = await checkConfiguration(paths.configFile);
  const holder = await livingHolder(paths.stateDir);
  const place: Place = { paths, env, config, holder };
  const all = [checkProgram(VERSION, process.versions.node), ...findings];
  const state = await checkStateDirectory(place);
  all.push(...state);
  // What cannot be entered cannot be looked at either.
  if (state.length > 1) all.push(...(await checkAccount(place)), ...(await checkStore(place)));
  return { holder: holder ?? null, findings: all };
}

const text = (findings: readonly Finding[]): string =>
  findings
    .map(({ level, check, message, repair }) => {
      const way = repair === undefined ? '' : `\n         ${repair}`;
      return `${level.padEnd(7)}  ${check}: ${message}${way}\n`;
    })
    .join('');
