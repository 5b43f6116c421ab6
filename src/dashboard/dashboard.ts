// The dashboard's page: what comes over the connection goes into the model, and is drawn once a frame at most.
import type { Filter } from '../http/dashboard/messages.ts';
import { Breakdown } from './breakdown.ts';
import { Ending } from './ending.ts';
import { Feed } from './feed.ts';
import { isEmpty, sameFilter } from './filter.ts';
import { LinkView } from './link-view.ts';
import { type Change, Model } from './model.ts';
import { Overview } from './overview.ts';
import { ServerTables } from './servers.ts';
import { Sessions } from './sessions.ts';
import { TailView } from './tail-view.ts';
import { applyTheme, startTheme } from './theme.ts';

const TICK_MS = 1000;

/** Beside this page; `https` becomes `wss`. */
function feedUrl(): string {
  const url = new URL('events', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  return url.href;
}

function start(): void {
  startTheme();
  const model = new Model();
  const changes = new Set<Change | 'link' | 'time'>();
  let isDue = false;
  const changed = (change: Change | 'link' | 'time'): void => {
    changes.add(change);
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  };
  const feed = new Feed(feedUrl(), {
    message(message) {
      const change = model.receive(message, performance.now());
      if (change !== undefined) changed(change);
      if (message.kind === 'hello') changed('sessions');
    },
    state: () => changed('link'),
  });
  let filter: Filter = {};
  const ask = (): void => {
    const { limit, after } = sessions.question;
    const isOther = !sameFilter(filter, sessions.question.filter);
    filter = sessions.question.filter;
    // What was told of other sessions stays not.
    if (isOther) model.tail.clear();
    changed('tail');
    feed.send(model.ask(filter, limit, after, tail.isWanted));
  };
  const overview = new Overview(model, () => changed('time'));
  const breakdown = new Breakdown(model);
  const servers = new ServerTables(model);
  const sessions = new Sessions(model, new Ending(model), ask);
  const tail = new TailView(model, ask);
  const link = new LinkView(feed, model);

  function draw(): void {
    isDue = false;
    const localMs = performance.now();
    const all = new Set(changes);
    changes.clear();
    if (all.has('now')) {
      breakdown.show();
      servers.show();
    }
    if (all.has('now') || all.has('hello') || all.has('time')) overview.show(localMs);
    if (all.has('sessions')) sessions.show();
    else if (all.has('time')) sessions.tick();
    if (all.has('tail')) tail.show(!isEmpty(filter));
    link.show(localMs);
  }

  ask();
  feed.connect();
  setInterval(() => changed('time'), TICK_MS);
}

applyTheme();
document.addEventListener('DOMContentLoaded', start);
