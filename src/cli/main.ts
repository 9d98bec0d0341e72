#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { exitCodes } from './exit-codes.ts';
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

/** The daemon that came with this program: built, or as sources under a loader that reads TypeScript. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const daemon = fileURLToPath(new URL(`../daemon/main.${extension}`, import.meta.url));

// Whoever reads our output may stop at any time: `dialogctl keys list | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.success : exitCodes.error);
});

process.exitCode = await run(process.argv.slice(2), {
  terminal: processTerminal(),
  env: process.env,
  dialogd: [process.execPath, ...process.execArgv, daemon],
});
