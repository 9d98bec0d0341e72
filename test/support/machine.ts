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

/** Shell functions, because the programs stand where nobody's PATH leads. */
const PROGRAMS = ['dialogctl cli', 'dialogd daemon']
  .map((line) => line.split(' '))
  .map(([name, room]) => `${name}() { ${NODE} ${PROJECT}/dist/${room}/main.js "$@"; }; export -f ${name}`)
  .join('; ');

/** Starts one, or says why that is not possible here. */
export async function startMachine(): Promise<Machine | { readonly hindrance: string }> {
  if (process.platform !== 'linux') return { hindrance: 'needs Linux' };
  const shell = spawn(SANDBOX, ['bash'], { stdio: 'pipe' });
  const output = collect(shell);
  const run = (script: string): Promise<Answer> => ask(shell, output, script);
  const perform = async (script: string): Promise<string> => {
    const { code, text } = await run(script);
    if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${text}`);
    return text;
  };
  if ((await Promise.race([run('true'), output.ended])) === 'ended') {
    return { hindrance: output.errors().trim().split('\n').at(-1) ?? 'systemd-sandbox.sh ended' };
  }
  await perform(`mkdir ${PROJECT} && mount --bind '${ROOT}' ${PROJECT}`);
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
      await output.ended;
    },
  };
}

interface Output {
  text(): string;
  errors(): string;
  readonly ended: Promise<'ended'>;
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
  const ended = new Promise<'ended'>((resolve) => shell.once('close', () => resolve('ended')));
  return { text: () => text, errors: () => errors, ended };
}

/** One script at a time: what it wrote ends with a mark and its exit code. */
async function ask(shell: ChildProcessWithoutNullStreams, output: Output, script: string): Promise<Answer> {
  const mark = randomUUID();
  shell.stdin.write(`echo ${mark}; ( ${script}\n) 2>&1 </dev/null; printf '\\n${mark} %s\\n' $?\n`);
  const pattern = new RegExp(`${mark}\\n([^]*)\\n${mark} (\\d+)\\n`);
  const [, text = '', code] = await until(() => pattern.exec(output.text()), `the end of: ${script}`, 60_000);
  return { code: Number(code), text };
}
