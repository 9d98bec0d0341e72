import { expect, it } from 'vitest';
import { createProgram } from '../../../src/daemon/program.ts';

it.each([
  ['backup', 'b.age', '--passphrase-fd', 'abc'],
  ['restore', 'b.age', '--passphrase-fd', '-1'],
  ['init', '--secret-fd', '3.5'],
  ['init', '--password-fd', ''],
])('dialogd %s %s %s %s is wrong usage', async (...argv) => {
  const program = createProgram({ run: async () => {}, guards: () => {} });
  for (const command of program.commands) command.configureOutput({ writeErr: () => {} });
  await expect(program.parseAsync(argv, { from: 'user' })).rejects.toMatchObject({
    code: 'commander.invalidArgument',
  });
});
