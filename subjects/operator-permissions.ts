import { api } from './jetstream-api.ts'
import { PUT_OBJECTS, READ_ALL_OBJECTS, READ_OBJECTS, TIDY_OBJECTS } from './object-permissions.ts'
import { SERVICES } from './operations.ts'
import { JETSTREAM, type Permission, type Permissions, watchChunks } from './permission.ts'
import { STREAMS } from './streams.ts'
import { SUBJECTS } from './subjects.ts'

/** What people may who run the system. */

/** Of all tenants: they name a type and an id, a camera and a monitor. */
export const LIVE_EVENTS: readonly Permission[] = [
  { subject: SUBJECTS.eventsAll, why: 'watches tasks' },
  // Wider than what there is, so that people may ask for `alerts.critical.>`.
  { subject: 'alerts.>', why: 'watches alerts' },
  { subject: SUBJECTS.alertChangesAll, why: 'watches what becomes of them' },
  { subject: SUBJECTS.cameraStateAll, why: 'watches cameras' },
  { subject: SUBJECTS.tracksAll, why: 'watches what cameras see' },
]

/** What there is and how full it is: `nats stream ls`, `nats consumer ls`, `nats stream info`; no message can be read by it. */
const LOOK_AT_STREAMS: readonly Permission[] = [
  'STREAM.NAMES',
  'STREAM.LIST',
  'STREAM.INFO.*',
  'CONSUMER.NAMES.*',
  'CONSUMER.LIST.*',
  'CONSUMER.INFO.*.*',
].map((call) => ({ subject: api(call), why: 'looks at streams and queues, as `nats stream ls` does' }))

export const OPERATOR: Permissions = {
  publish: [
    JETSTREAM,
    { subject: 'murmur.>', why: 'uses every service, for any tenant' },
    { subject: SUBJECTS.submitAll, why: 'submits through the durable queue' },
    { subject: 'monitors.*.stop', why: 'ends a monitor in order' },
    { subject: 'monitors.*.snapshot', why: 'looks through a camera' },
    ...watchChunks('*').publish,
    { subject: '$SRV.>', why: 'discovers services, as `nats micro` does' },
    ...LOOK_AT_STREAMS,
    { subject: api(`STREAM.MSG.GET.${STREAMS.dead.name}`), why: 'looks at what was given up' },
    ...READ_OBJECTS,
    ...READ_ALL_OBJECTS,
    ...PUT_OBJECTS,
    TIDY_OBJECTS,
  ],
  subscribe: [
    ...LIVE_EVENTS,
    ...watchChunks('*').subscribe,
    { subject: SUBJECTS.rejectedAll, why: 'watches what is refused' },
    { subject: SUBJECTS.detectionsAll, why: 'watches what detectors see' },
    { subject: SUBJECTS.heartbeatAll, why: 'watches agents' },
    { subject: SUBJECTS.detectorHeartbeatAll, why: 'watches detectors' },
    { subject: SUBJECTS.breakersAll, why: 'watches circuit breakers' },
    { subject: SUBJECTS.storageAll, why: 'watches how full everything is' },
  ],
}

/** All that there is, read and written as a whole: nobody needs more than this, so keep its password where backups are made. */
export const BACKUP: Permissions = {
  publish: [
    JETSTREAM,
    { subject: SERVICES.listAgents, why: 'asks whether an orchestrator runs: nothing is restored below one' },
    { subject: api('STREAM.INFO.*'), why: 'looks which streams are there' },
    { subject: api('STREAM.SNAPSHOT.*'), why: 'copies streams' },
    { subject: '$JS.SNAPSHOT.ACK.>', why: 'says how much of a copy has arrived' },
    { subject: api('STREAM.RESTORE.*'), why: 'makes streams from copies' },
    { subject: '$JS.SNAPSHOT.RESTORE.>', why: 'sends copies' },
    { subject: api('STREAM.DELETE.*'), why: 'takes away what a restore replaces' },
  ],
  subscribe: [],
}
