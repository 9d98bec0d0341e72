import type { Command } from 'commander';

/** The heading of what needs none. */
export const MORE = 'More:';

/** Headings of the help, in the order in which somebody new to dialogd needs them. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Set up:': ['init', 'service'],
  'See how it is:': [
    'status',
    'health',
    'top',
    'inbox',
    'watch',
    'doctor',
    'identity',
    'metrics',
    'bugreport',
  ],
  'Look after it:': ['keys', 'relays', 'wake', 'backup', 'restore'],
};

/** Puts the commands of the program under their headings. */
export function groupCommands(program: Command): void {
  for (const [heading, names] of Object.entries(GROUPS)) {
    for (const command of program.commands) {
      if (names.includes(command.name())) command.helpGroup(heading);
    }
  }
}
