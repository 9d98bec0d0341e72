import { join } from 'node:path';
import type { Paths } from '../../paths.ts';
import { exists } from '../../private-file.ts';
import type { Service } from './service.ts';
import { type CommandLine, render, type Step, textOf } from './steps.ts';

const LABEL = 'org.dialogd';

/** A LaunchAgent of the user with this id and home. */
export function launchAgent(
  dialogd: CommandLine,
  paths: Paths,
  { uid, home }: { uid: number; home: string },
): Service {
  const file = join(home, 'Library/LaunchAgents', `${LABEL}.plist`);
  const log = join(home, 'Library/Logs/dialogd.log');
  const domain = `gui/${uid}`;
  const program = [...dialogd, '--config', paths.configFile, '--state-dir', paths.stateDir];
  const launchctl = (...words: string[]): Step => ({ kind: 'run', command: ['launchctl', ...words] });
  const bootout: Step = {
    kind: 'run',
    command: ['launchctl', 'bootout', `${domain}/${LABEL}`],
    mayFail: true,
  };
  return {
    async install() {
      const wanted = await render(`launchd/${LABEL}.plist`, {
        ARGUMENTS: program.map((word) => `      <string>${escaped(word)}</string>`).join('\n'),
        LOG: escaped(log),
      });
      const changed: Step[] =
        (await textOf(file)) === wanted ? [] : [{ kind: 'write', path: file, text: wanted }];
      return [...changed, bootout, launchctl('bootstrap', domain, file)];
    },
    uninstall: async () => ((await exists(file)) ? [bootout, { kind: 'remove', path: file }] : []),
    status: ['launchctl', 'print', `${domain}/${LABEL}`],
    logs: ({ lines, follow }) => ['tail', '-n', String(lines), ...(follow ? ['-F'] : []), log],
    advice: async () => [],
    kept: [paths.stateDir, paths.configFile, log],
  };
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
