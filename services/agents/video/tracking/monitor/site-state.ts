import { randomUUID } from 'node:crypto'
import type { Bus } from '#platform/nats/bus.ts'
import { SITE_STREAMS, siteState } from '#subjects/site-streams.ts'
import type { StateKeeping } from './checkpoint-store.ts'

/** After so long the tracker goes on without. Milliseconds. */
const GIVE_UP_AFTER_MS = 2000
const decoder = new TextDecoder()

/** On a site, what trackers know is kept in its own JetStream: the Redis of the centre lies behind the link. */
export function siteStateKeeping(bus: {
  publisher: Pick<Bus['publisher'], 'publish'>
  streams: Pick<Bus['streams'], 'lastMessage'>
}): StateKeeping {
  return {
    async get(key) {
      const last = await bus.streams.lastMessage(SITE_STREAMS.state.name, subjectOf(key))
      return last ? decoder.decode(last.data) : null
    },
    // How long it is kept is the stream's: as long as this key would be.
    async setFor(key, text) {
      await bus.publisher.publish(subjectOf(key), text, {
        msgId: randomUUID(),
        giveUpAfterMs: GIVE_UP_AFTER_MS,
      })
    },
  }
}

/** A key as one token. */
function subjectOf(key: string): string {
  return siteState(key.replaceAll(/[^A-Za-z0-9_-]/g, '_'))
}
