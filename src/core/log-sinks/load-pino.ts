// Loads pino with the first record, since most starts have none. In the bundle `require` only runs what is there already.

export type Pino = typeof import('pino');

export const pino = (): Pino =>
  typeof require === 'undefined'
    ? process.getBuiltinModule('node:module').createRequire(import.meta.url)('pino')
    : require('pino');
