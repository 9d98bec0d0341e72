/** Writes the manual pages into the directory that is named; a step of the build. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualPages } from './pages.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: main.js DIRECTORY');
mkdirSync(directory, { recursive: true });
for (const { file, source } of manualPages()) writeFileSync(join(directory, file), source);
