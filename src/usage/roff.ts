/** The few requests of man(7) that a page needs; every text is escaped on its way in. */

/** Text in the font it stands in. Hyphens stay those that can be typed, so that what is copied works. */
export const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('"', '\\(dq')
    // A dot at the start of a line would be a request.
    .replaceAll(/^\./gm, '\\&.');

export const bold = (text: string): string => `\\fB${plain(text)}\\fR`;
export const italic = (text: string): string => `\\fI${plain(text)}\\fR`;

export const section = (title: string, ...body: readonly string[]): string =>
  body.length === 0 ? '' : `.SH ${quoted(title)}\n${body.join('')}`;

export const subsection = (title: string, ...body: readonly string[]): string =>
  `.SS ${quoted(title)}\n${body.join('')}`;

export const paragraph = (text: string): string => `.PP\n${text}\n`;

/** A term, and what it means indented below it. */
export const item = (term: string, text: string): string => `.TP\n${term}\n${text}\n`;

/** Lines as they are, indented: what can be typed. */
export const lines = (...texts: readonly string[]): string =>
  `.PP\n.RS 4\n.nf\n${texts.map((text) => `${text}\n`).join('')}.fi\n.RE\n`;

/** An argument of a request; fonts in it stay as they are. */
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
