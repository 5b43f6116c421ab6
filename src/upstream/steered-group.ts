// A group whose servers may change at run time, as it is told.
import type { ByteString } from '../conf/directive.ts';
import type { ControlledGroup } from '../control/local.ts';
import type { GroupOrder, ServerChange } from '../control/order.ts';
import type { UpstreamGroup } from './group.ts';
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
    const { server } = order;
    const isThere = this.#group.has(server);
    switch (order.kind) {
      case 'change-server':
        if (isThere) this.#group.change(server, (parameters) => changed(parameters, order.change));
        return isThere;
      case 'add-server':
        if (!isThere) {
          const parameters = changed(PLAIN_SERVER, order.change);
          this.#group.add({ text: server, addresses: [order.address], parameters, resolve: undefined });
        }
        return !isThere;
      case 'remove-server':
        if (isThere) this.#group.remove(server);
        return isThere;
      default:
        return order satisfies never;
    }
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
