// Loads http, which is more than half of the code, for configurations that have it.
import { lateModule } from '../module/late-module.ts';
import type { httpModule as whole } from './http.ts';

/** What is used of it. */
interface Http {
  readonly httpModule: typeof whole;
}

/** In the bundle `require` only runs what is there already: esbuild knows it by that name. */
const load = (): Http =>
  typeof require === 'undefined'
    ? process.getBuiltinModule('node:module').createRequire(import.meta.url)('./http.js')
    : require('./http.js');

export const httpModule = lateModule('http', () => load().httpModule);
