import { hours, minutes, type StreamSpec } from './stream-spec.ts'
import type { ConsumerSpec } from './streams.ts'
import { SUBJECTS } from './subjects.ts'

const MIB = 1024 * 1024

/** What a site keeps in its own JetStream domain, beside its frames (`FRAMES`): nothing of it crosses the link. */
export const SITE_STREAMS = {
  events: {
    name: 'SITE_EVENTS',
    subjects: [SUBJECTS.cameraEventsAll],
    retention: 'limits',
    discard: 'old',
    storage: 'file',
    maxAgeMs: hours(24),
    storageShare: 0,
    maxBytes: 256 * MIB,
    duplicateWindowMs: minutes(2),
    why: 'Rules that came true on the site, until the centre has them, and for people there to look at. An event has 1 to 20 KB: 256 MiB are 13,000 of the largest. At the limit the oldest go: what is a day old is no alarm any more, and the newest says how things are.',
  },
  state: {
    name: 'SITE_STATE',
    subjects: ['site-state.*'],
    retention: 'limits',
    discard: 'old',
    storage: 'file',
    maxAgeMs: minutes(10),
    storageShare: 0,
    maxBytes: 64 * MIB,
    maxPerSubject: 1,
    duplicateWindowMs: minutes(2),
    why: 'What the tracker of each camera knows, the last state of each: the next instance goes on from it. In the centre that is in Redis. A monitor that nobody has tracked for ten minutes is not resumed.',
  },
} as const satisfies Record<string, StreamSpec>

/** What the keeper of a site has still to send on. */
export const TO_CENTRE_CONSUMER: ConsumerSpec = {
  stream: SITE_STREAMS.events.name,
  name: 'to-centre',
  filterSubject: SUBJECTS.cameraEventsAll,
  ackWaitMs: 30_000,
  maxDeliver: -1,
  maxAckPending: 1000,
}

/** The state of one tracker. */
export const siteState = (key: string): string => `site-state.${key}`
