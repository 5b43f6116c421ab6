// Whether bytes lie where secrets have to, as long as nothing else has asked for such memory since.
import { secretBuffer } from '../../src/core/secret.ts';

const LONGEST_SHARED = 512;

export const isSecretMemory = (bytes: Buffer): boolean =>
  bytes.length > LONGEST_SHARED
    ? bytes.buffer.byteLength === bytes.length
    : bytes.length === 0 || bytes.buffer === secretBuffer(0).buffer;
