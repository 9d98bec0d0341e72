import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../..');
const SANDBOX = join(ROOT, 'test/system/systemd-sandbox.sh');
/** Where the built programs stand on the machine, and how they are run there. */
const PROJECT = '/opt/dialogd';
const NODE = '/opt/node';

export interface Answer {
  readonly code: number;
  /** Standard output and standard error. */
  readonly text: string;
}

/** A machine of its own under systemd: gone, with everything written on it, after `stop`. */
export interface Machine {
  /** Runs shell commands as root. `dialogctl` and `dialogd` are there. */
  run(script: string): Promise<Answer>;
  /** The same, and it has to end with 0; returns what was written. */
  do(script: string): Promise<string>;
  /** The same as another user, in the session of their service manager. */
  doAs(user: string, script: string): Promise<string>;
  stop(): Promise<void>;
}

/** A user of this machine, and what their service manager says of dialogd. */
export const userOf = (machine: Machine, user: string) => {
  const run = (script: string): Promise<string> => machine.doAs(user, script);
  const show = (property: string): Promise<string> =>
    run(`systemctl --user show --value --property ${property} dialogd`);
  return { run, show };
};

/** Shell functions, because the programs stand where nobody's PATH leads. */
const PROGRAMS = ['dialogctl cli', 'dialogd daemon']
  .map((line) => line.split(' '))
  .map(([name, room]) => `${name}() { ${NODE} ${PROJECT}/dist/${room}/main.js "$@"; }; export -f ${name}`)
  .join('; ');

/** Starts one, or says why that is not possible here. */
export async function startMachine(): Promise<Machine | { readonly hindrance: string }> {
  if (process.platform !== 'linux') return { hindrance: 'needs Linux' };
  const shell = spawn(SANDBOX, ['--show', ROOT, PROJECT, 'bash'], { stdio: 'pipe' });
  const output = collect(shell);
  const run = (script: string): Promise<Answer> => ask(shell, output, script);
  const perform = async (script: string): Promise<string> => {
    const { code, text } = await run(script);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${text}`);
    return text;
  };
  if ((await run('true')).code !== 0) {
    return { hindrance: output.errors().trim().split('\n').at(-1) ?? 'systemd-sandbox.sh ended' };
  }
  await perform(`install -m 755 '${process.execPath}' ${NODE}`);
  return {
    run: (script) => run(`${PROGRAMS}; ${script}`),
    do: (script) => perform(`${PROGRAMS}; ${script}`),
    doAs: (user, script) =>
      perform(
        `runuser -u ${user} -- env HOME=/home/${user} XDG_RUNTIME_DIR=/run/user/$(id -u ${user}) bash <<'SCRIPT'\n` +
          `cd; ${PROGRAMS}; ${script}\nSCRIPT\n`,
      ),
    async stop() {
      shell.stdin.end();
      await until(() => output.ended(), 'the end of the machine', 20_000);
    },
  };
}

interface Output {
  text(): string;
  errors(): string;
  /** Nothing will answer any more. */
  ended(): boolean;
}

function collect(shell: ChildProcessWithoutNullStreams): Output {
  let text = '';
  let errors = '';
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  shell.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  // A sandbox that could not start reads nothing.
  shell.stdin.on('error', () => {});
  let ended = false;
  shell.once('close', () => {
    ended = true;
  });
  return { text: () => text, errors: () => errors, ended: () => ended };
}

/** What the sandbox itself ends with. */
const NOT_STARTED = 125;

/** One script at a time: what it wrote ends with a mark and its exit code. */
async function ask(shell: ChildProcessWithoutNullStreams, output: Output, script: string): Promise<Answer> {
  const mark = randomUUID();
  shell.stdin.write(`echo ${mark}; ( ${script}\n) 2>&1 </dev/null; printf '\\n${mark} %s\\n' $?\n`);
  const pattern = new RegExp(`${mark}\\n([^]*)\\n${mark} (\\d+)\\n`);
  return until(
    () => {
      const [, text = '', code] = pattern.exec(output.text()) ?? [];
      if (code !== undefined) return { code: Number(code), text };
      return output.ended() ? { code: NOT_STARTED, text: '' } : undefined;
    },
    `the end of: ${script}`,
    60_000,
  );
}
