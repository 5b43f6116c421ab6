// An access log whose name is made of variables: opened for each request, as the user of the worker.
import { closeSync, constants, openSync, statSync, writeSync } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { FixedFolder } from '../../script/fixed-folder.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpValue, HttpVariable } from '../script.ts';

export class NamedFile {
  readonly #path: HttpValue;
  readonly #folder: FixedFolder<HttpRequest>;
  readonly #root: HttpVariable;

  /** @param path absolute @param root `$document_root`: without that folder nginx makes no log of such a name */
  constructor(path: HttpValue, root: HttpVariable) {
    this.#path = path;
    this.#folder = new FixedFolder(path, (name) => name);
    this.#root = root;
  }

  append(request: HttpRequest, line: Buffer): void {
    const root = this.#root.of(request) ?? '';
    request.action = 'logging request';
    const missing = failureOf(() => statSync(Buffer.from(root, 'latin1')));
    if (missing !== undefined) request.error(`testing "${root}" existence failed${missing}`);
    else this.#write(request, this.#path.of(request), line);
    request.action = undefined;
  }

  #write(request: HttpRequest, path: ByteString, line: Buffer): void {
    // What a client sends is part of the name, and must not lead out of the folder that the configuration names.
    if (!this.#folder.holds(path)) {
      request.error(`access_log "${path}" is outside of "${this.#folder.path}"`);
      return;
    }
    const failure = failureOf(() => appendLine(path, line));
    if (failure !== undefined) request.log.write(Level.crit, `open() "${path}" failed${failure}`, request);
  }
}

/** A named pipe that nobody reads must not stop the worker. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY;

function appendLine(path: ByteString, line: Buffer): void {
  const fd = openSync(Buffer.from(path, 'latin1'), APPEND, 0o644);
  try {
    writeSync(fd, line);
  } finally {
    closeSync(fd);
  }
}

/** As strerror says it, in brackets. */
function failureOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return errnoSuffix(systemError(error)?.errno ?? 0);
  }
}
