/** The manual page of a program: its commands as they are defined, and facts that no definition has. */
import { bold, italic, item, lines, paragraph, plain, section, subsection } from './roff.ts';
import type { CommandShape, OperandShape, OptionShape } from './shape.ts';

/** A command line, and what it is good for. */
export interface Example {
  readonly line: string;
  readonly purpose: string;
}

/** A word and what it means. */
export type Meaning = readonly [word: string, text: string];

export interface ManualFacts {
  readonly section: 1 | 8;
  readonly version: string;
  /** One paragraph each. */
  readonly description: readonly string[];
  readonly examples: (path: string) => readonly Example[];
  readonly signals?: readonly Meaning[];
  readonly exitStatus: readonly Meaning[];
  readonly environment: readonly Meaning[];
  readonly files: readonly Meaning[];
  /** Other pages, as `dialogd(8)`. */
  readonly seeAlso: readonly string[];
}

/** The source of the page, for man(7). */
export function manualPage(program: CommandShape, facts: ManualFacts): string {
  const { name, description } = program;
  const title = `.TH ${name.toUpperCase()} ${facts.section} "" "dialogd ${facts.version}" "dialogd manual"\n`;
  return [
    title,
    section('NAME', `${plain(name)} \\- ${plain(description.replace(/\.$/, ''))}\n`),
    section('SYNOPSIS', `${synopsis(program)}\n`),
    section('DESCRIPTION', ...facts.description.map((text) => paragraph(plain(text)))),
    section('OPTIONS', ...program.options.map(optionItem)),
    section(
      'COMMANDS',
      ...leaves(program).map((command) => commandPart(command, facts.examples(command.path))),
    ),
    section('EXAMPLES', ...facts.examples(name).map(exampleText)),
    section('SIGNALS', ...meanings(facts.signals ?? [])),
    section('EXIT STATUS', ...meanings(facts.exitStatus)),
    section('ENVIRONMENT', ...meanings(facts.environment)),
    section('FILES', ...facts.files.map(([path, text]) => item(italic(path), plain(text)))),
    section('SEE ALSO', `${facts.seeAlso.map(reference).join(', ')}\n`),
  ].join('');
}

function synopsis({ name, commands }: CommandShape): string {
  const rest = commands.length === 0 ? '' : ` [${italic('command')} [${italic('argument')} ...]]`;
  return `${bold(name)} [${italic('option')} ...]${rest}`;
}

/** What can be run, in the order of the definitions. `help` helps itself. */
const leaves = (command: CommandShape): CommandShape[] =>
  command.commands.flatMap((one) =>
    one.name === 'help' ? [] : one.commands.length === 0 ? [one] : leaves(one),
  );

function commandPart(
  { path, description, options, operands }: CommandShape,
  examples: readonly Example[],
): string {
  const own = options.filter(({ flags }) => !flags.includes('--help'));
  const title = [
    plain(path),
    ...(own.length === 0 ? [] : [`\\fR[${italic('option')} ...]`]),
    ...operands.map((operand) => `\\fR${operandTerm(operand)}`),
  ];
  return subsection(
    title.join(' '),
    `${plain(sentence(description))}\n`,
    ...operands.map((operand) => item(operandTerm(operand), plain(withChoices(operand)))),
    ...own.map(optionItem),
    ...examples.map(exampleText),
  );
}

function operandTerm({ name, required, repeatable }: OperandShape): string {
  const term = `${italic(name)}${repeatable ? ' ...' : ''}`;
  return required ? term : `[${term}]`;
}

function optionItem({ flags, value, repeatable, description }: OptionShape): string {
  const names = flags.map(bold).join(', ');
  const after = value === undefined ? '' : ` ${italic(value.name)}${repeatable ? ' ...' : ''}`;
  const preset = value?.preset === undefined ? '' : ` Default: ${value.preset}.`;
  const text = value === undefined ? sentence(description) : withChoices({ description, offer: value.offer });
  return item(`${names}${after}`, plain(`${text}${preset}`));
}

const withChoices = ({ description, offer }: Pick<OperandShape, 'description' | 'offer'>): string =>
  offer.kind === 'words'
    ? `${sentence(description)} One of: ${offer.words.join(', ')}.`
    : sentence(description);

const exampleText = ({ line, purpose }: Example): string =>
  `${paragraph(plain(`${purpose}:`))}${lines(bold(line))}`;

const meanings = (all: readonly Meaning[]): string[] =>
  all.map(([word, text]) => item(bold(word), plain(text)));

const reference = (page: string): string =>
  page.replace(/^([\w.-]+)(\(\d\))$/, (_, name, section) => `${bold(name)}${section}`);

/** Definitions are said in passing; a page has sentences. */
const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
