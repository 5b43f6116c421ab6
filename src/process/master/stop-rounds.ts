// A fast stop: workers are told at growing intervals, and killed where that does not help.

/** After the last one they are killed. */
const PAUSES_MS = [50, 100, 200, 400, 800, 1600];

interface Stoppable {
  stop(): void;
  kill(): void;
}

/** @param left those that still run; it shrinks as they go */
export function stopInRounds(left: ReadonlySet<Stoppable>): void {
  const pauses = [...PAUSES_MS];
  const again = (): void => {
    const pause = pauses.shift();
    for (const crew of left) {
      if (pause === undefined) crew.kill();
      else crew.stop();
    }
    if (pause !== undefined && left.size > 0) setTimeout(again, pause);
  };
  again();
}
