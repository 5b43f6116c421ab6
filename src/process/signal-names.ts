// Numbers of signals, as records show them.
import { constants } from 'node:os';

export const signalNumber = (signal: NodeJS.Signals): number => constants.signals[signal];

/** `signal 1 (SIGHUP) received` and what is done; who sent it Node.js does not tell. */
export const signalRecord = (signal: NodeJS.Signals, action = ''): string =>
  `signal ${signalNumber(signal)} (${signal}) received${action}`;
