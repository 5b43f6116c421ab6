// Variables of the clock.
import { SecondText } from '../../core/second-text.ts';
import { isoTime, localTime, seconds } from '../time-text.ts';
import type { VariableSpec } from '../variables.ts';

export function clockVariables(): readonly VariableSpec<unknown>[] {
  const local = new SecondText(localTime);
  const iso8601 = new SecondText(isoTime);
  return [
    { name: 'msec', get: () => seconds(Date.now()), volatile: true, safe: true },
    { name: 'time_local', get: () => local.at(Date.now()), volatile: true, safe: true },
    { name: 'time_iso8601', get: () => iso8601.at(Date.now()), volatile: true, safe: true },
  ];
}
