// Writes a pattern as a JavaScript expression that matches the same.
import type { ByteString } from '../../conf/directive.ts';
import type { Node, Pattern, Times } from './node.ts';
import { PatternError } from './scanner.ts';

export interface Emitted {
  readonly source: string;
  readonly flags: string;
  /** Groups of the expression by the numbers of the pattern's captures; the first is the whole match. */
  readonly groups: readonly number[];
}

/** @throws PatternError where JavaScript has no way to say it */
export function emit(pattern: Pattern): Emitted {
  return new Emitter(pattern).emit();
}

class Emitter {
  readonly #pattern: Pattern;
  readonly #groups: number[] = [0];
  readonly #atomic = new Map<Node, number>();
  #count = 0;
  /** Atomic groups have no meaning there: what stands in a lookbehind has one length. */
  #behind = 0;

  constructor(pattern: Pattern) {
    this.#pattern = pattern;
  }

  emit(): Emitted {
    const { node } = this.#pattern;
    this.#number(node);
    return { source: this.#source(node), flags: this.#foldsReferences() ? 'i' : '', groups: this.#groups };
  }

  /** Numbers groups in the order of their opening parentheses, before any reference is written. */
  #number(node: Node): void {
    if (node.kind === 'capture') this.#groups[node.number] = ++this.#count;
    if (this.#isAtomic(node)) this.#atomic.set(node, ++this.#count);
    const isBehind = node.kind === 'look' && node.sign.startsWith('?<');
    if (isBehind) this.#behind++;
    for (const child of children(node)) this.#number(child);
    if (isBehind) this.#behind--;
  }

  #isAtomic(node: Node): boolean {
    return this.#behind === 0 && (node.kind === 'atomic' || (node.kind === 'repeat' && node.times.isPossessive));
  }

  #source(node: Node): string {
    const atomic = this.#atomic.get(node);
    // A lookahead is not entered again, and what it has captured is then taken.
    return atomic === undefined ? this.#plain(node) : `(?:(?=(${this.#plain(node)}))\\${atomic})`;
  }

  #plain(node: Node): string {
    switch (node.kind) {
      case 'set':
        return node.set.source;
      case 'place':
        return node.source;
      case 'sequence':
        return node.items.map((item) => this.#closed(item)).join('');
      case 'alternatives':
        return node.branches.map((branch) => this.#source(branch)).join('|');
      case 'capture':
        return `(${this.#source(node.inner)})`;
      case 'atomic':
        return this.#source(node.inner);
      case 'look':
        return `(${node.sign}${this.#source(node.inner)})`;
      case 'repeat':
        return this.#repeated(node.inner) + quantifier(node.times);
      case 'reference':
        return `(?:\\${this.#groups[this.#captureOf(node.to.group)]})`;
    }
  }

  /** As one item among others. */
  #closed(node: Node): string {
    const source = this.#source(node);
    const isOpen = node.kind === 'alternatives' || (node.kind === 'atomic' && !this.#atomic.has(node));
    return isOpen ? `(?:${source})` : source;
  }

  #repeated(node: Node): string {
    const source = this.#source(node);
    return node.kind === 'set' || node.kind === 'capture' ? source : `(?:${source})`;
  }

  #captureOf(group: number | string): number {
    return typeof group === 'number' ? group : (this.#pattern.names.get(group) ?? 0);
  }

  /** Whether references ignore case, which JavaScript can only do for a whole expression. */
  #foldsReferences(): boolean {
    const all = [...walk(this.#pattern.node)];
    if (!all.some((node) => node.kind === 'reference' && node.ignoreCase)) return false;
    for (const node of all) {
      const isExact =
        node.kind === 'reference'
          ? !node.ignoreCase
          : node.kind === 'set' && node.set.source !== node.set.folded().source;
      if (isExact) throw new PatternError('a reference that ignores case among what does not', undefined);
    }
    return true;
  }
}

function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'sequence':
      return node.items;
    case 'alternatives':
      return node.branches;
    case 'capture':
    case 'atomic':
    case 'look':
    case 'repeat':
      return [node.inner];
    default:
      return [];
  }
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of children(node)) yield* walk(child);
}

function quantifier({ min, max, isLazy }: Times): ByteString {
  const lazy = isLazy ? '?' : '';
  if (max === 1 && min === 0) return `?${lazy}`;
  if (max === Number.POSITIVE_INFINITY) return `${min === 0 ? '*' : min === 1 ? '+' : `{${min},}`}${lazy}`;
  return `{${min === max ? min : `${min},${max}`}}${lazy}`;
}
