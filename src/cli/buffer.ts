// For the bundle: the global Buffer of Node.js is a getter, which costs a call each time that it is named.
import { Buffer as OfNode } from 'node:buffer';

export const Buffer = OfNode;
