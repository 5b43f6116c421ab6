// Variables of the clock, and how long a request has taken.
import { seconds } from '../../script/time-text.ts';
import { clockVariables } from '../../script/variables/clock.ts';
import type { HttpVariableSpec } from '../script/script.ts';

export const timeVariables = (): readonly HttpVariableSpec[] => [
  ...clockVariables(),
  { name: 'request_time', get: ({ startedMs }) => seconds(Date.now() - startedMs), volatile: true },
];
