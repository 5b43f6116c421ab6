// Processor time of a command and its reply on a session that is logged in.
import { MailProxy, NGINX, POSTERN, present } from '../proxy.ts';
import { inRounds, slice } from '../rounds.ts';
import type { Workload } from './workload.ts';

const CLIENTS = 8;

export const commandWorkload: Workload = {
  name: 'command',
  rows: ['command'],
  run: async (bench, scope) => {
    const proxies: MailProxy[] = [];
    for (const contestant of present(POSTERN, NGINX)) proxies.push(await MailProxy.start(scope, bench, contestant));
    const talk = async (proxy: MailProxy, commands: number): Promise<number> => {
      const args = { mode: 'ping', clients: CLIENTS, count: Math.round(commands / CLIENTS), abreast: CLIENTS };
      const { cpuMs } = await slice(bench, proxy, proxy.door('imap'), args);
      return (cpuMs / (args.count * CLIENTS)) * 1000;
    };
    const { commands, rounds } = bench.options.sizes;
    for (const proxy of proxies) await talk(proxy, commands / 2);
    await inRounds(rounds, proxies, async (proxy) =>
      bench.figures.add('command', proxy.name, await talk(proxy, commands)),
    );
  },
};
