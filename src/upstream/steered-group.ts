// A group whose servers may change at run time, as it is told.
import type { ByteString } from '../conf/directive.ts';
import type { ControlledGroup } from '../control/local.ts';
import type { GroupOrder, ServerChange } from '../control/order.ts';
import type { UpstreamGroup } from './group.ts';
import type { ServerLine } from './group-server.ts';
import { PLAIN_SERVER, type ServerParameters } from './peer.ts';

export class SteeredGroup<S> implements ControlledGroup {
  readonly #group: UpstreamGroup<S>;

  constructor(group: UpstreamGroup<S>) {
    this.#group = group;
  }

  get name(): ByteString {
    return this.#group.name;
  }

  obey(order: GroupOrder): boolean {
    const group = this.#group;
    if (order.kind === 'add-server') return this.#add(order);
    const server = group.server(order.id);
    if (server === undefined) return false;
    switch (order.kind) {
      case 'change-server':
        group.change(server, changed(server.parameters, order.change));
        return true;
      case 'remove-server':
        group.remove(server);
        return true;
      default:
        return order satisfies never;
    }
  }

  #add({ id, server, at, change }: Extract<GroupOrder, { kind: 'add-server' }>): boolean {
    const group = this.#group;
    if (group.has(server) || (at.kind === 'name' && group.lookup.resolver === undefined)) return false;
    const line: ServerLine = {
      text: server,
      addresses: at.kind === 'address' ? [at.address] : [],
      parameters: changed(PLAIN_SERVER, change),
      resolve: at.kind === 'name' ? { host: at.host, port: at.port } : undefined,
    };
    group.add(line, id);
    return true;
  }
}

const changed = (parameters: ServerParameters, change: ServerChange): ServerParameters => ({
  weight: change.weight ?? parameters.weight,
  maxFails: change.maxFails ?? parameters.maxFails,
  failTimeoutMs: change.failTimeoutMs ?? parameters.failTimeoutMs,
  maxConns: change.maxConns ?? parameters.maxConns,
  slowStartMs: change.slowStartMs ?? parameters.slowStartMs,
  backup: change.backup ?? parameters.backup,
  down: change.down ?? parameters.down,
  drain: change.drain ?? parameters.drain ?? false,
});
