// Where the body of a request goes while it is read: memory, as far as its location allows, otherwise a file.
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { BodyFile } from './body-file.ts';
import { HttpFault } from './fault.ts';
import type { OpenFault, TemporaryFolder } from './temporary-folder.ts';

export type ReceivedBody = Buffer | BodyFile;

export interface StoreRules {
  /** Bytes that are kept in memory; a longer body goes to a file. */
  readonly memory: number;
  readonly folder: TemporaryFolder;
  /** A file was made. */
  readonly onFile: (file: BodyFile) => void;
}

/** What a failure means for the connection that brings the body. */
export interface StoreOwner {
  /** Nothing more is to come before `onRoom`. */
  onFull(): void;
  onRoom(): void;
  onFault(fault: HttpFault): void;
}

export class BodyStore {
  readonly #rules: StoreRules;
  readonly #owner: StoreOwner;
  #chunks: Buffer[] = [];
  /** Of the chunks. */
  #waiting = 0;
  #file: BodyFile | undefined;
  #isWriting = false;
  #isOver = false;

  constructor(rules: StoreRules, owner: StoreOwner) {
    this.#rules = rules;
    this.#owner = owner;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting <= this.#rules.memory || this.#isWriting) return;
    this.#owner.onFull();
    this.#spill(() => this.#owner.onRoom());
  }

  /** All of it has come; not while the store is full. */
  end(done: (body: ReceivedBody) => void): void {
    const file = this.#file;
    if (file === undefined) done(Buffer.concat(this.#chunks.splice(0), this.#waiting));
    else if (this.#waiting === 0) done(file);
    else this.#spill(() => done(file));
  }

  /** The body is not wanted any more. */
  drop(): void {
    this.#isOver = true;
    this.#chunks = [];
    this.#file?.release();
  }

  #spill(done: () => void): void {
    this.#isWriting = true;
    if (this.#file !== undefined) {
      this.#write(this.#file, done);
      return;
    }
    BodyFile.create(this.#rules.folder, (file) => {
      if (!(file instanceof BodyFile)) {
        this.#fail(file);
        return;
      }
      this.#file = file;
      if (this.#isOver) {
        file.release();
        return;
      }
      this.#rules.onFile(file);
      this.#write(file, done);
    });
  }

  #write(file: BodyFile, done: () => void): void {
    const chunks = this.#chunks.splice(0);
    this.#waiting = 0;
    file.append(chunks, (error) => {
      this.#isWriting = false;
      if (this.#isOver) return;
      if (error === undefined) done();
      else this.#fail({ ...writeFault(error), path: file.path });
    });
  }

  #fail({ call, path, errno }: Omit<OpenFault, 'call'> & { readonly call: string }): void {
    if (this.#isOver) return;
    this.drop();
    this.#owner.onFault(new HttpFault(500, false, `${call}() "${path}" failed${errnoSuffix(errno)}`, Level.crit));
  }
}

const EIO = 5;
const writeFault = (error: Error) => ({ call: 'pwritev', errno: systemError(error)?.errno ?? EIO });
