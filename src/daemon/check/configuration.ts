import { type Config, loadConfig } from '../../config.ts';
import { doubtful, type Finding, failed, fine } from '../../finding.ts';
import { exists } from '../../private-file.ts';

/** The configuration as a start would read it; undefined, with the finding, when it has a mistake. */
export async function checkConfiguration(
  file: string,
): Promise<{ config: Config | undefined; findings: Finding[] }> {
  try {
    const config = loadConfig(file);
    const where = (await exists(file)) ? `${file} is valid` : `there is no ${file}; defaults are used`;
    return { config, findings: [fine('configuration.valid', where), relaysIn(config, file)] };
  } catch (error) {
    return { config: undefined, findings: [failed('configuration.valid', error)] };
  }
}

function relaysIn({ relays: { bootstrap } }: Config, file: string): Finding {
  const check = 'configuration.relays';
  if (bootstrap.length > 0) return fine(check, `bootstrap relays: ${bootstrap.length}`);
  return doubtful(
    check,
    'no bootstrap relay is configured: a new start finds nothing',
    `set relays.bootstrap in ${file}`,
  );
}
