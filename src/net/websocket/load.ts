// Loads WebSocket, with the package that it needs, for configurations that have it.
import type { acceptWebSocket as accept } from './accept.ts';

interface Loaded {
  readonly acceptWebSocket: typeof accept;
}

/** In the bundle `require` only runs what is there already: esbuild knows it by that name. */
export const loadWebSocket = (): Loaded =>
  typeof require === 'undefined'
    ? process.getBuiltinModule('node:module').createRequire(import.meta.url)('./accept.js')
    : require('./accept.js');
