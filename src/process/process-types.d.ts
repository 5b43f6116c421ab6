// A call of Node.js that its types leave out.
import 'node:process';

declare global {
  namespace NodeJS {
    interface Process {
      /** Takes on the groups of a user, and one more. Root only. */
      initgroups?(user: string, extraGroup: number): void;
    }
  }
}
