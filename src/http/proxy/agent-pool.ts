// The Agents of a process: one for each upstream whose connections are shared, and one for each location otherwise.
import type { KeepaliveRules } from '../upstream/group.ts';
import { UpstreamAgent } from './agent.ts';

export class AgentPool {
  readonly #agents = new WeakMap<object, Map<KeepaliveRules, UpstreamAgent>>();

  /** @param owner whose connections they are: an upstream, or the settings of a location */
  agent(rules: KeepaliveRules, owner: object): UpstreamAgent {
    const agents = this.#agents.get(owner) ?? new Map<KeepaliveRules, UpstreamAgent>();
    this.#agents.set(owner, agents);
    const agent = agents.get(rules) ?? new UpstreamAgent(rules);
    agents.set(rules, agent);
    return agent;
  }
}
