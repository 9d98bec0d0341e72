import { type CommandShape, everyCommand, type Offer, type OptionShape } from './shape.ts';

/** A completion script for fish from 3.0 on: a function that finds the command, and a table. */
export function fishCompletion(program: CommandShape): string {
  const { name } = program;
  const commands = everyCommand(program);
  const valued = commands.flatMap(({ command }) =>
    command.options.flatMap(({ flags, value }) => (value === undefined ? [] : flags)),
  );
  const everywhere = new Set(program.options.map(({ flags }) => flags[0]));
  const completions = commands.flatMap(({ command, options }) => {
    const here = options.filter(({ flags }) => !everywhere.has(flags[0]));
    return [...next(command), ...here.map((option) => `-n ${at(command)} ${optionWords(option)}`)];
  });
  return `# fish completion for ${name}
# Whether the words so far are this command, with so many operands.
function __${name}_at
    set -l at ${name}
    set -l given 0
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case ${[...new Set(valued)].join(' ')}
                set value yes
            case '-*'
            case '*'
                if contains -- "$at $word" ${commands.map(({ command }) => quoted(command.path)).join(' ')}
                    set at "$at $word"
                else
                    set given (math $given + 1)
                end
        end
    end
    test "$at" = $argv[1]; and not set -q argv[2]; or test "$at $given" = "$argv"
end
${['-f', ...program.options.map(optionWords), ...completions].map((words) => `complete -c ${name} ${words}`).join('\n')}
`;

  function at({ path }: CommandShape, given: number | '' = ''): string {
    return quoted(`__${name}_at "${path}" ${given}`.trimEnd());
  }

  function next(command: CommandShape): string[] {
    return [
      ...command.commands.map((one) => `-n ${at(command, 0)} -a ${one.name} -d ${quoted(one.description)}`),
      ...command.operands.flatMap(({ offer, repeatable }, index) => {
        return offer.kind === 'nothing'
          ? []
          : [`-n ${at(command, repeatable ? '' : index)} ${offerWords(offer)}`];
      }),
    ];
  }
}

function optionWords({ flags, description, value }: OptionShape): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const after = value === undefined ? [] : ['-r', offerWords(value.offer)];
  return [...names, ...after, '-d', quoted(description)].join(' ');
}

/** A value that has to follow is taken for a file unless told otherwise. */
function offerWords(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `-f -a ${quoted(offer.words.join(' '))}`;
    case 'files':
      return '-F';
    case 'directories':
      return `-f -a '(__fish_complete_directories)'`;
    case 'nothing':
      return '-f';
  }
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
