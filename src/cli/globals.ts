// Put into the bundle for the globals of these names, which are getters in Node.js and cost a call each time. A function
// that runs by its text alone has to name them as members of globalThis.
import { Buffer as OfNode } from 'node:buffer';

export const Buffer = OfNode;
export const process = globalThis.process;
