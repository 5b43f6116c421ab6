// A folder for temporary files, as nginx's *_temp_path: files have numbers, and their last digits may name folders.
import { randomInt } from 'node:crypto';
import { constants, mkdir, open } from 'node:fs';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import { systemError } from '../../core/errno.ts';

export interface FolderSpec {
  readonly path: ByteString;
  /** Digits of the name of a folder, one for each level; the last digits of the file's name come first. */
  readonly levels: readonly number[];
}

/** A file could not be made, and why. */
export interface OpenFault extends SystemFault {
  readonly call: 'open' | 'mkdir';
  readonly path: ByteString;
}

const DIGITS = 10;
const LARGEST = 10 ** DIGITS;
const OWN = 0o600;
const OWN_FOLDER = 0o700;
/** Names that others have taken since. */
const TRIES = 1000;
const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;

type Done = (result: { readonly fd: number; readonly path: ByteString } | OpenFault) => void;

/** The folders of a process; names of files never come twice. @param usual where no folder is named */
export function temporaryFolders(usual: ByteString): (spec: FolderSpec | undefined) => TemporaryFolder {
  const folders = new Map<FolderSpec, TemporaryFolder>();
  const preset: FolderSpec = { path: usual, levels: [] };
  let last = randomInt(LARGEST);
  const next = (): number => {
    last = (last + 1) % LARGEST;
    return last;
  };
  return (spec = preset) => {
    const folder = folders.get(spec) ?? new TemporaryFolder(spec, next);
    folders.set(spec, folder);
    return folder;
  };
}

export class TemporaryFolder {
  readonly #spec: FolderSpec;
  readonly #next: () => number;

  /** @param next a number for the next file */
  constructor(spec: FolderSpec, next: () => number) {
    this.#spec = spec;
    this.#next = next;
  }

  /** Makes a file that nobody else has. */
  create(done: Done): void {
    this.#try(TRIES, done);
  }

  #try(left: number, done: Done): void {
    const name = String(this.#next()).padStart(DIGITS, '0').slice(-DIGITS);
    const folders = this.#folders(name);
    const path = [this.#spec.path, ...folders, name].join('/');
    const attempt = (mayMake: boolean): void => {
      open(bytes(path), NEW_FILE, OWN, (error, fd) => {
        if (error === null) done({ fd, path });
        else if (error.code === 'EEXIST' && left > 0) this.#try(left - 1, done);
        else if (error.code === 'ENOENT' && mayMake && folders.length > 0)
          this.#make(folders, (fault) => (fault === undefined ? attempt(false) : done(fault)));
        else done({ ...faultOf(error), call: 'open', path });
      });
    };
    attempt(true);
  }

  #folders(name: ByteString): ByteString[] {
    let end = name.length;
    return this.#spec.levels.map((digits) => {
      end -= digits;
      return name.slice(Math.max(0, end), end + digits);
    });
  }

  /** One folder in the other. */
  #make(folders: readonly ByteString[], done: (fault: OpenFault | undefined) => void): void {
    const step = (count: number): void => {
      if (count > folders.length) {
        done(undefined);
        return;
      }
      const path = [this.#spec.path, ...folders.slice(0, count)].join('/');
      mkdir(bytes(path), OWN_FOLDER, (error) => {
        if (error === null || error.code === 'EEXIST') step(count + 1);
        else done({ ...faultOf(error), call: 'mkdir', path });
      });
    };
    step(1);
  }
}

const EIO = 5;
const bytes = (path: ByteString): Buffer => Buffer.from(path, 'latin1');
const faultOf = (error: Error): SystemFault => systemError(error) ?? { errno: EIO, text: error.message };
