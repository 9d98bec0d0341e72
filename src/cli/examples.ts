import type { Example } from '../usage/manual-page.ts';

/** Command lines worth copying, for the help and the manual, by the name of the command. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  init: [
    {
      purpose: 'Make a new account',
      line: 'dialogctl init --relay wss://relay.example --inbox wss://relay.example',
    },
    { purpose: 'Import one; the key is never an argument', line: 'dialogctl init --import < key.txt' },
  ],
  status: [
    {
      purpose: 'Look at the daemon of another account of this machine',
      line: 'dialogctl status --runtime-dir /run/dialogd/work',
    },
  ],
  'keys list': [
    { purpose: 'See what every relay said about every KeyPackage', line: 'dialogctl keys list --relays' },
  ],
  'relays publish-lists': [
    {
      purpose: 'Be found on one relay, and reached at another',
      line: 'dialogctl relays publish-lists --write wss://a.example --inbox wss://b.example',
    },
  ],
  watch: [
    { purpose: 'Go on after the last notice seen', line: 'dialogctl watch --since 1234' },
    { purpose: 'Hand notices to a program, one object a line', line: 'dialogctl watch --json' },
  ],
  'service install': [
    { purpose: 'See first what would be done', line: 'dialogctl service install --dry-run' },
    {
      purpose: 'Install one account of the machine, as root',
      line: 'dialogctl service install --system --account work',
    },
  ],
  'service logs': [{ purpose: 'Read along', line: 'dialogctl service logs --follow' }],
  completion: [
    {
      purpose: 'Install for bash and every user, as root',
      line: 'dialogctl completion bash > /etc/bash_completion.d/dialogctl',
    },
    {
      purpose: 'Install for zsh, in a directory of its fpath',
      line: 'dialogctl completion zsh > ~/.zfunc/_dialogctl',
    },
    {
      purpose: 'Install for fish',
      line: 'dialogctl completion fish > ~/.config/fish/completions/dialogctl.fish',
    },
  ],
};

/** The same at the end of the command's help. */
export function examplesHelp(name: string): string {
  const all = examples[name];
  if (all === undefined) return '';
  return `\nExamples:\n${all.map(({ purpose, line }) => `  # ${purpose}\n  ${line}`).join('\n')}`;
}
