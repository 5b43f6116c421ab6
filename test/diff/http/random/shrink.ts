// Makes a text that shows a difference smaller while it still does: fewer lines, then fewer bytes.

const TRIALS = 120;

export async function shrinkText(text: string, differs: (shorter: string) => Promise<boolean>): Promise<string> {
  let best = text;
  let left = TRIALS;
  const attempt = async (shorter: string): Promise<boolean> => {
    if (left-- <= 0 || !(await differs(shorter))) return false;
    best = shorter;
    return true;
  };
  const lines = (): string[] => best.split(/(?<=\r\n)/);
  for (let i = lines().length - 1; i >= 0; i--) await attempt(lines().toSpliced(i, 1).join(''));
  for (let size = 16; size >= 1; size /= 4) {
    for (let at = 0; at < best.length; ) {
      const isGone = await attempt(best.slice(0, at) + best.slice(at + size));
      if (!isGone) at += size;
    }
  }
  return best;
}
