import type { Machine } from './machine.ts';
import { until } from './until.ts';

/** What a client saw who asked the daemon over and over. */
export interface Seen {
  readonly answered: number;
  /** Why a connection was not made: error codes, or `not_running`. */
  readonly refused: readonly string[];
  /** Different processes that answered. */
  readonly daemons: number;
}

/** A call that the old daemon no longer takes is no connection refused. Single quotes would end its word. */
const ASK = `
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "/opt/dialogd/dist/ipc/client.js";
const [socket, enough, seen] = process.argv.slice(1);
const refused = [];
const pids = [];
while (!existsSync(enough)) {
  try {
    const outcome = await connect(socket, { client: "steady" });
    if (outcome.kind !== "connected") throw new Error(outcome.kind);
    const status = await outcome.client.call("daemon.status", {}).catch(() => undefined);
    outcome.client.close();
    if (status !== undefined) pids.push(status.pid);
    if (pids.length === 1) writeFileSync(seen, "it answers");
  } catch (error) {
    refused.push(error.code ?? error.message);
  }
}
writeFileSync(seen, JSON.stringify({ answered: pids.length, refused, daemons: new Set(pids).size }));
`;

/** Somebody asks at `socket`, one connection after the other, while `meanwhile` runs. */
export async function askingWhile(
  machine: Machine,
  socket: string,
  meanwhile: () => Promise<unknown>,
): Promise<Seen> {
  const place = (await machine.do('mktemp --directory')).trim();
  const seen = async (): Promise<string> => machine.do(`cat ${place}/seen 2>/dev/null || true`);
  await machine.do(
    `/opt/node --input-type=module --eval '${ASK}' -- ${socket} ${place}/enough ${place}/seen >${place}/errors 2>&1 &`,
  );
  await until(async () => (await seen()) !== '', 'the first answer', 10_000);
  await meanwhile();
  await machine.do(`touch ${place}/enough`);
  await until(async () => (await seen()).startsWith('{'), 'the last answer', 20_000);
  return JSON.parse(await seen()) as Seen;
}
