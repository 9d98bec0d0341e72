/** Loaded with NODE_OPTIONS=--import: the optional package koffi is not there. */
import Module from 'node:module';

const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  if (request === 'koffi') throw new Error('hidden');
  return resolve(request, ...rest);
};
