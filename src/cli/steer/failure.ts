// What ends one of our own words with another exit code than 0.

/** 1: nothing of that kind is there; 2: asked wrongly; 3: the api cannot be reached, or refuses. */
export type FailureCode = 1 | 2 | 3;

export class Failure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, text: string) {
    super(text);
    this.code = code;
  }
}
