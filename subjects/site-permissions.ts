import { agentOfSite } from '#schemas/site.ts'
import { api, nextOf } from './jetstream-api.ts'
import { SERVICES } from './operations.ts'
import { JETSTREAM, type Permission, type Permissions, QUEUE_WANTED, settle } from './permission.ts'
import { SITE_STREAMS, siteState, TO_CENTRE_CONSUMER } from './site-streams.ts'
import { STREAMS } from './streams.ts'
import { SUBJECTS } from './subjects.ts'

/**
 * Between the server of a site and the centre. The site's JetStream has a domain of its own, so `$JS.API` means the site's there
 * and does not cross the link: what is asked of the centre's has another name on the site.
 */
export const CENTRE = {
  /** `centre.cameras.events.<tenant>.<camera>`: into the stream of the centre. */
  cameraEvents: (subject: string) => `centre.${subject}`,
  cameraEventsAll: `centre.${SUBJECTS.cameraEventsAll}`,
  /** Steps of the centre's queue. */
  next: (consumer: string) => `centre.steps.next.${consumer}`,
} as const

const NEXT_STEPS = nextOf(STREAMS.steps.name, '')

/** What an agent of a site may say on the site's own server: what is renamed on its way may be said under both names. */
export function onSite(permissions: Permissions): Permissions {
  const publish = permissions.publish.flatMap((each) => {
    const { as, ...rest } = renamed(each)
    return as === undefined ? [each] : [each, { ...rest, subject: as }]
  })
  return { ...permissions, publish }
}

/** Agents on a site ask for steps as everywhere; its server carries that to the centre. Subject there, subject on the link. */
export const SITE_MAPPINGS: readonly (readonly [from: string, to: string])[] = [
  [nextOf(STREAMS.steps.name, '*'), CENTRE.next('$1')],
]

/** What stays on the site. These are the heavy ones: the server of the site lets them out to nobody. */
export const SITE_ONLY: readonly string[] = [
  SUBJECTS.framesAll,
  SUBJECTS.detectionsAll,
  SUBJECTS.gatedFramesAll,
  SUBJECTS.framesOfModelAll('*'),
]
const LOCAL: ReadonlySet<string> = new Set([
  ...SITE_ONLY,
  QUEUE_WANTED.subject,
  SERVICES.detectionInfo,
  SERVICES.detectionModels,
  SUBJECTS.detectionModelAll,
  'monitors.*.ready',
])
/** Told on the site, and to the centre as well: but what the centre tells of its cameras is not for the site. */
const HEARD_LOCALLY: ReadonlySet<string> = new Set([SUBJECTS.cameraStateAll, SUBJECTS.tracksAll])

/**
 * What crosses the link, in both directions: what the agents of the site need of the centre, and what the centre asks of them.
 * @param roleOf what an agent of a type may say and hear
 */
export function siteRole(
  site: string,
  agents: readonly string[],
  roleOf: (type: string) => Permissions,
): Permissions {
  const roles = agents.map((type) => roleOf(agentOfSite(type, site)))
  return {
    answers: true,
    publish: [
      { subject: SUBJECTS.siteHeartbeat(site), why: 'says every second that the link is up' },
      {
        subject: SUBJECTS.cameraEventsAll,
        as: CENTRE.cameraEventsAll,
        why: 'sends on what the site has kept',
      },
      ...roles.flatMap(({ publish }) => publish.filter(isCrossing)).map(renamed),
    ],
    subscribe: roles.flatMap(({ subscribe }) =>
      subscribe.filter((each) => isCrossing(each) && !HEARD_LOCALLY.has(each.subject)),
    ),
  }
}

function isCrossing({ subject }: Permission): boolean {
  return !LOCAL.has(subject) && subject !== SUBJECTS.cameraEventsAll
}

function renamed(permission: Permission): Permission {
  const { subject } = permission
  return subject.startsWith(NEXT_STEPS)
    ? { ...permission, as: CENTRE.next(subject.slice(NEXT_STEPS.length)) }
    : permission
}

/** The keeper of a site, on the site's own server: makes its streams and queues, and sends on what is for the centre. */
export const siteKeeperRole = (site: string): Permissions => ({
  answers: true,
  publish: [
    JETSTREAM,
    { subject: api('STREAM.CREATE.*'), why: 'makes the streams of the site' },
    { subject: api('STREAM.UPDATE.*'), why: 'brings those of an earlier version to what is asked' },
    { subject: api('STREAM.INFO.*'), why: 'compares what is there with what is asked' },
    { subject: api('CONSUMER.CREATE.>'), why: 'makes the queues of the site' },
    { subject: api('CONSUMER.DURABLE.CREATE.>'), why: 'makes the queues of the site' },
    { subject: api('CONSUMER.INFO.*.*'), why: 'knows how much waits for the centre' },
    {
      subject: api(`STREAM.MSG.GET.${SITE_STREAMS.events.name}`),
      why: 'knows since when the oldest of it waits',
    },
    {
      subject: nextOf(TO_CENTRE_CONSUMER.stream, TO_CENTRE_CONSUMER.name),
      why: 'takes what is for the centre',
    },
    ...settle(TO_CENTRE_CONSUMER.stream, TO_CENTRE_CONSUMER.name),
    { subject: CENTRE.cameraEventsAll, why: 'sends it on' },
    { subject: SUBJECTS.siteHeartbeat(site), why: 'says every second that the link is up' },
  ],
  subscribe: [{ subject: SERVICES.provideQueue, why: 'makes the queues that others need' }],
})

/** What a tracker on a site needs beside what it needs everywhere: in the centre its state is in Redis. */
export const SITE_STATE_ROLE: Permissions = {
  publish: [
    { subject: siteState('*'), why: 'keeps what it knows of a camera' },
    { subject: api(`STREAM.MSG.GET.${SITE_STREAMS.state.name}`), why: 'finds what the instance before knew' },
  ],
  subscribe: [],
}
