// For the bundle: what Node.js has as globals are getters there, which cost a call each time that one is named.
import { Buffer as OfNode } from 'node:buffer';

export const Buffer = OfNode;
export const process = globalThis.process;
