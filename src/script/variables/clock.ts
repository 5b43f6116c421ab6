// Variables of the clock.
import { SecondText } from '../../core/second-text.ts';
import { isoTime, localTime } from '../time-text.ts';
import { type VariableSpec, written } from '../variables.ts';

/** Of the second. */
function ofSecond(format: (date: Date) => string) {
  const text = new SecondText(format);
  return written<unknown>((_subject, line) => {
    line.bytes(text.bytesAt(line.nowMs));
    return true;
  });
}

export const clockVariables = (): readonly VariableSpec<unknown>[] => [
  {
    name: 'msec',
    ...written<unknown>((_subject, line) => {
      line.seconds(line.nowMs);
      return true;
    }),
    volatile: true,
    safe: true,
  },
  { name: 'time_local', ...ofSecond(localTime), volatile: true, safe: true },
  { name: 'time_iso8601', ...ofSecond(isoTime), volatile: true, safe: true },
];
