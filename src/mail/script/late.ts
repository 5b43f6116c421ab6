// Loads what variables of mail need, for configurations that have any: a plain one starts without.
import type { makers as whole } from './makers.ts';

interface Late {
  readonly makers: typeof whole;
}

/** In the bundle `require` only runs what is there already: esbuild knows it by that name. */
const load = (): Late =>
  typeof require === 'undefined'
    ? process.getBuiltinModule('node:module').createRequire(import.meta.url)('./makers.js')
    : require('./makers.js');

export const makers = (): typeof whole => load().makers;
