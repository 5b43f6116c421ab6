// One query in flight: its questions, the lookups that wait for it, and what the answers amount to.
import { randomInt } from 'node:crypto';
import type { Answer } from './answer.ts';
import type { Lookup } from './lookup.ts';
import { encodeQuery } from './message.ts';
import { failure, type Outcome, ResolveCode } from './result.ts';
import type { Target } from './target.ts';

/** One question and its answer. The id stays the same when the question is repeated. */
export interface Question {
  readonly type: number;
  readonly id: number;
  readonly message: Buffer;
  /** The answer over UDP was truncated. */
  overTcp: boolean;
  answer: Answer | undefined;
}

export class Query {
  readonly target: Target;
  readonly questions: readonly Question[];
  readonly lookups = new Set<Lookup>();
  /** The server asked last, as an index. */
  server: number;
  /** Repeats the unanswered questions. */
  timer: NodeJS.Timeout | undefined;
  /** What came of it is counted. */
  isCounted = false;

  /** @param types one question each; their ids are random and differ */
  constructor(target: Target, types: readonly number[], server: number) {
    const ids = new Set<number>();
    while (ids.size < types.length) ids.add(randomInt(0x10000));
    const [...id] = ids;
    this.target = target;
    this.server = server;
    this.questions = types.map((type, i) => question(id[i] ?? 0, target, type));
  }

  /** Whether another answer than the one to `question` is due. */
  awaitsBeside(question: Question): boolean {
    return this.questions.some((q) => q !== question && q.answer === undefined);
  }

  /** The code of the answers: the first that is an error. */
  get code(): number {
    return this.questions.find(({ answer }) => answer !== undefined && answer.code !== 0)?.answer?.code ?? 0;
  }

  /**
   * Takes the answer to one question.
   * @returns what the query amounts to, or undefined while another answer is due
   */
  take(question: Question, answer: Answer): Outcome | undefined {
    question.answer = answer;
    const answers = this.questions.map((q) => q.answer).filter((a) => a !== undefined);
    return answers.length < this.questions.length ? undefined : outcome(answers, answer);
  }
}

function question(id: number, target: Target, type: number): Question {
  return {
    type,
    id,
    message: encodeQuery(id, target.name, type),
    overTcp: false,
    answer: undefined,
  };
}

/** An error of either family fails the lookup, the later one counts; addresses go before a CNAME that has none. */
function outcome(answers: readonly Answer[], last: Answer): Outcome {
  const code = last.code || answers.find((a) => a.code !== 0)?.code;
  if (code !== undefined) return failure(code);
  const ttl = Math.min(...answers.map((a) => a.ttl ?? Number.POSITIVE_INFINITY));
  if (last.name !== undefined) return { kind: 'name', name: last.name, ttl };
  const addresses = answers.flatMap((a) => a.addresses);
  if (addresses.length > 0) return { kind: 'addresses', addresses, ttl };
  if (last.alias !== undefined) return { kind: 'alias', alias: last.alias, ttl };
  return failure(ResolveCode.hostNotFound);
}
