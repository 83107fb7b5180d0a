import { bullmq } from './bullmq/peer.ts'
import { celery } from './celery/peer.ts'
import { dbos } from './dbos/peer.ts'
import type { Peer } from './harness/peer.ts'
import { murmuration, murmurationFlushed } from './murmuration/peer.ts'
import { naive } from './naive/peer.ts'
import { restate } from './restate/peer.ts'
import { temporal } from './temporal/peer.ts'

/** In the order of the tables. The first is the one that the others are compared with. */
export const PEERS: readonly Peer[] = [
  murmuration,
  murmurationFlushed,
  naive,
  bullmq,
  celery,
  restate,
  temporal,
  dbos,
]
