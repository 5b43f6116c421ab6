// Names that nobody else gives, and nobody can guess: of requests.
import { randomUUID } from 'node:crypto';

/** 32 hex digits, 122 bits of them by chance. Node.js keeps random bytes for these, which costs a tenth of asking for some. */
export const randomId = (): string => randomUUID().replaceAll('-', '');
