// The pid file: how scripts and `-s` find the running process.
import { closeSync, openSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../conf/directive.ts';
import { errnoSuffix, systemError } from '../core/errno.ts';

const bytes = (path: ByteString): Buffer => Buffer.from(path, 'latin1');

/** @returns nginx's message where it cannot be written */
export function writePidFile(path: ByteString): ByteString | undefined {
  return attempt(`open() "${path}"`, () => writeFileSync(bytes(path), `${process.pid}\n`, { mode: 0o644 }));
}

/** `-t`: the file can be written. It is made if it is not there, and left as it is otherwise. */
export function probePidFile(path: ByteString): ByteString | undefined {
  return attempt(`open() "${path}"`, () => closeSync(openSync(bytes(path), 'a', 0o644)));
}

export function removePidFile(path: ByteString): ByteString | undefined {
  // A successor may have written its own by now.
  const pid = readPidFile(path);
  if (typeof pid === 'number' && pid !== process.pid) return undefined;
  return attempt(`unlink() "${path}"`, () => unlinkSync(bytes(path)));
}

/** The pid of the running master, or nginx's message. */
export function readPidFile(path: ByteString): number | ByteString {
  let text = '';
  const fault = attempt(`open() "${path}"`, () => {
    text = readFileSync(bytes(path), 'latin1');
  });
  if (fault !== undefined) return fault;
  const number = text.replace(/[\r\n]+$/, '');
  if (!/^\d{1,9}$/.test(number) || Number(number) === 0) return `invalid PID number "${number}" in "${path}"`;
  return Number(number);
}

function attempt(call: ByteString, run: () => void): ByteString | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return `${call} failed${errnoSuffix(systemError(error)?.errno ?? 0)}`;
  }
}
