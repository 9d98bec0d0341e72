/** Commands that ask one question, or say one thing, and print the answer. */
import { type Context, show, withClient } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { explanationView } from '../views/explanation.ts';
import { identityView } from '../views/identity.ts';
import { inboxView } from '../views/inbox.ts';
import { deliveriesView, keyPackagesView } from '../views/key-packages.ts';
import { relaysView } from '../views/relays.ts';
import { counted, printable } from '../words.ts';

export async function listKeys(
  context: Context,
  { all = false, relays = false }: { all?: boolean; relays?: boolean },
): Promise<number> {
  await show(context, 'keyPackages.list', { all }, relays ? deliveriesView : keyPackagesView);
  return exitCodes.success;
}

export async function explainKeys(context: Context): Promise<number> {
  await show(context, 'keyPackages.explain', {}, explanationView);
  return exitCodes.success;
}

export async function listRelays(context: Context): Promise<number> {
  await show(context, 'relays.list', {}, relaysView);
  return exitCodes.success;
}

export async function publishLists(
  context: Context,
  { write, inbox }: { write: string[]; inbox: string[] },
): Promise<number> {
  await show(
    context,
    'relays.publishLists',
    { write, inbox },
    ({ eventIds }) =>
      `Signed ${counted(eventIds.length, 'relay list')}; the daemon publishes them until every relay has them.\n`,
  );
  return exitCodes.success;
}

export async function listInbox(context: Context): Promise<number> {
  await show(context, 'inbox.list', {}, inboxView);
  return exitCodes.success;
}

export async function showIdentity(context: Context): Promise<number> {
  await show(context, 'identity.show', {}, identityView);
  return exitCodes.success;
}

export async function metrics(context: Context): Promise<number> {
  const { terminal, options } = context;
  const result = await withClient(context, 'daemon.metrics', (client) => client.call('daemon.metrics', {}));
  const lines = result.text.split('\n').map((line) => printable(line));
  terminal.out(options.json ? `${JSON.stringify(result, null, 2)}\n` : lines.join('\n'));
  return exitCodes.success;
}

export async function wake(context: Context): Promise<number> {
  await show(context, 'daemon.wake', {}, () => 'The daemon looks at everything now.\n');
  return exitCodes.success;
}
