// An access log whose name is made of variables: opened for each line, as the user of the worker.
import { statSync } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { LineFile } from '../../core/log-sinks/line-file.ts';
import { FaultTeller } from '../../core/log-sinks/write-fault.ts';
import { FixedFolder } from '../fixed-folder.ts';
import type { Subject } from '../subject.ts';
import type { Value } from '../value.ts';
import type { Variable } from '../variables.ts';

/** Of what access logs have lines. */
export interface Logged extends Subject {
  /** For the error log's ` while …`. */
  action: string | undefined;
  error(text: ByteString): void;
}

export class NamedFile<S extends Logged> {
  readonly #path: Value<S>;
  readonly #folder: FixedFolder<S>;
  readonly #root: Variable<S> | undefined;
  readonly #action: string;
  readonly #file = new LineFile();
  readonly #teller = new FaultTeller();

  /**
   * @param path absolute
   * @param action what the error log says is being done
   * @param root a folder without which nginx makes no log of such a name; undefined: there is no such thing
   */
  constructor(path: Value<S>, action: string, root: Variable<S> | undefined) {
    this.#path = path;
    this.#folder = new FixedFolder(path, (name) => name);
    this.#root = root;
    this.#action = action;
  }

  append(subject: S, line: Buffer): void {
    subject.action = this.#action;
    if (this.#hasRoot(subject)) this.#write(subject, this.#path.of(subject), line);
    subject.action = undefined;
  }

  #hasRoot(subject: S): boolean {
    if (this.#root === undefined) return true;
    const root = this.#root.of(subject) ?? '';
    const missing = failureOf(() => statSync(Buffer.from(root, 'latin1')));
    if (missing !== undefined) subject.error(`testing "${root}" existence failed${missing}`);
    return missing === undefined;
  }

  #write(subject: S, path: ByteString, line: Buffer): void {
    // What a client sends is part of the name, and must not lead out of the folder that the configuration names.
    if (!this.#folder.holds(path)) {
      subject.error(`access_log "${path}" is outside of "${this.#folder.path}"`);
      return;
    }
    const fault = this.#file.append(path, line);
    if (fault === undefined) return;
    const told =
      'written' in fault
        ? this.#teller.tell(path, fault)
        : { level: Level.crit, text: `open() "${path}" failed${errnoSuffix(fault.errno)}` };
    if (told !== undefined) subject.log.write(told.level, told.text, subject);
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
