/** Where a source belongs: the unit that import rules speak about. */
export interface LayerRule {
  /** Paths that start with this. The longest that fits counts. */
  layer: string
  /** What it may import beside itself: paths that start with one of these. */
  mayImport: readonly string[]
  why: string
}

const FOUNDATION = ['services/platform/', 'subjects/', 'schemas/'] as const
const EVERYTHING = ['services/', 'subjects/', 'schemas/', 'deploy/', 'loadtest/', 'examples/'] as const
const AGENT_IMPORTS = ['services/sdk/', ...FOUNDATION] as const

/** What several agents of video share, and nothing else of the product does. */
const VIDEO_FOUNDATION = [
  'services/agents/video/pictures/',
  'services/agents/video/frames/',
  'services/agents/video/models/',
  'services/agents/video/recordings/',
  'services/agents/video/appearance/',
] as const

/** What the agents of reports share: what tables are, before anything is computed from them. */
const REPORT_FOUNDATION = ['services/agents/report/structure/'] as const

/** Layers, lowest first. Nothing but themselves imports test or loadtest: no rule lists them. */
export const LAYER_RULES: readonly LayerRule[] = [
  {
    layer: 'schemas/',
    mayImport: [],
    why: 'what is said must be readable by anything, a browser included: zod only',
  },
  {
    layer: 'subjects/',
    mayImport: ['schemas/'],
    why: 'where it is said depends on what is said, on nothing else',
  },
  {
    layer: 'services/platform/',
    mayImport: ['subjects/', 'schemas/'],
    why: 'the platform knows no agent and no service, so each of them can be understood and replaced alone',
  },
  {
    layer: 'services/workflow/',
    mayImport: FOUNDATION,
    why: 'what decides about tasks is pure: the orchestrator and the test kit use the same, and neither can change it',
  },
  {
    layer: 'services/orchestrator/',
    mayImport: ['services/workflow/', ...FOUNDATION],
    why: 'services meet on NATS only: what they import of each other they could no longer deploy apart',
  },
  {
    layer: 'services/agents/report-agents.ts',
    mayImport: ['services/agents/report/', ...AGENT_IMPORTS],
    why: 'the process that reads files of strangers knows nothing of video, nor of those who have secrets',
  },
  {
    layer: 'services/agents/report/main.ts',
    mayImport: ['services/agents/report/', ...AGENT_IMPORTS],
    why: 'the process of an image of report agents knows nothing of other agents',
  },
  {
    layer: 'services/agents/video-agents.ts',
    mayImport: ['services/agents/video/', ...AGENT_IMPORTS],
    why: 'the process that runs the agents of live video knows nothing of reports',
  },
  ...VIDEO_FOUNDATION.map((layer) => ({
    layer,
    mayImport: FOUNDATION,
    why: 'what all agents of video stand on knows none of them',
  })),
  ...REPORT_FOUNDATION.map((layer) => ({
    layer,
    mayImport: FOUNDATION,
    why: 'what all agents of reports stand on knows none of them',
  })),
  {
    layer: 'services/sdk/',
    mayImport: ['services/workflow/', ...FOUNDATION],
    why: 'the kit for authors of agents must work for agents it has never heard of',
  },
  {
    layer: 'services/console/',
    mayImport: ['services/workflow/', 'schemas/'],
    why: 'it runs in a browser: what is said and what is decided is the same there, and nothing else of ours is',
  },
  {
    layer: 'services/console/build/',
    mayImport: ['services/platform/files/'],
    why: 'what builds the console runs in Node, and knows nothing of what it builds',
  },
  {
    layer: 'services/edge/',
    mayImport: FOUNDATION,
    why: 'services meet on NATS only: what they import of each other they could no longer deploy apart',
  },
  {
    layer: 'services/agents/video/scenes/',
    mayImport: FOUNDATION,
    why: 'a scene is a source of video like a camera: whoever wants one starts its process',
  },
  {
    layer: 'services/cli/',
    mayImport: [
      'deploy/local/',
      'services/agents/video/models/',
      'services/orchestrator/history/',
      ...FOUNDATION,
    ],
    why: 'the CLI speaks to services over NATS; it starts local mode, fetches models and reads archives itself',
  },
  {
    layer: 'deploy/',
    mayImport: FOUNDATION,
    why: 'starting services means starting processes, not importing them',
  },
  {
    layer: 'examples/',
    mayImport: AGENT_IMPORTS,
    why: 'examples show what a user has: the kit for agents and the schemas',
  },
  { layer: 'loadtest/', mayImport: EVERYTHING, why: 'a measurement may look at anything' },
  { layer: 'test/', mayImport: EVERYTHING, why: 'a test may look at anything' },
]

/** Each agent's folder is a layer of its own, in the product that it belongs to: reports never import video. */
export function agentLayer(folder: string): LayerRule {
  const shared = folder.startsWith('services/agents/video/') ? VIDEO_FOUNDATION : []
  const ofReports = folder.startsWith('services/agents/report/') ? REPORT_FOUNDATION : []
  return {
    layer: folder,
    mayImport: [...shared, ...ofReports, ...AGENT_IMPORTS],
    why: 'agents meet on NATS only; what several of them need belongs into the kit, the platform or what their product shares',
  }
}

export interface CodeRule {
  what: string
  /** Looked for in code without comments and strings. */
  pattern: RegExp
  only: readonly string[]
  why: string
}

/** What may be written in a few places only. */
export const CODE_RULES: readonly CodeRule[] = [
  {
    what: 'process.env',
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[|\benv\b[^}]*}\s*=\s*process\b/,
    only: ['services/platform/config/', 'deploy/local/', 'test/', 'loadtest/'],
    why: 'settings are documented, defaulted and validated in one place',
  },
  {
    what: 'the time',
    pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|$|[^\w\s(])|\bperformance\s*\.\s*now\b/,
    only: [
      'services/platform/clock/',
      'services/console/data/clock.ts',
      'deploy/',
      'test/',
      'loadtest/',
      'examples/',
    ],
    why: 'code that asks a clock it was given can be tested at any time of day',
  },
  {
    what: 'chance',
    pattern: /\bMath\s*\.\s*random\b/,
    only: [
      'services/agents/',
      'services/platform/',
      'services/cli/',
      'services/console/data/clock.ts',
      'deploy/',
      'test/',
      'loadtest/',
      'examples/',
    ],
    why: 'what an orchestrator decides must come out the same in a replay; elsewhere it is for jitter, never for ids',
  },
  {
    what: 'a sleep',
    pattern:
      /\bnew\s+Promise\b.*=>\s*\{?\s*setTimeout\s*\(|^\s*setTimeout\s*\(\s*(?:resolve|done|fulfil|r)\b|\bimport\s*\{[^}]*\bsetTimeout\b|\bsetTimeout\b[^}]*\}\s*=\s*await\s+import\b|\bscheduler\s*\.\s*wait\b/,
    only: [
      'services/platform/clock/',
      'services/console/data/clock.ts',
      'deploy/',
      'test/',
      'loadtest/',
      'examples/',
    ],
    why: 'a sleep of a clock that was given ends with a signal, and a test need not wait for it',
  },
]

/** Everything that may stand at the top, beside dot files. */
export const TOP_LEVEL = new Set([
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'biome.json',
  'node_modules',
  'services',
  'subjects',
  'schemas',
  'deploy',
  'loadtest',
  'test',
  'docs',
  'examples',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
])

/** Names that say nothing about what is inside. */
export const BANNED_NAMES = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'misc',
  'shared',
  'types',
  'manager',
])

/** Words of our own where the field has one: looked for in names of files and in code without comments and strings. */
export const BANNED_WORDS: readonly { pattern: RegExp; say: string }[] = [
  { pattern: /\bMOST(_[A-Z0-9]+)+\b/, say: 'MAX_…' },
  { pattern: /\b([A-Z0-9]+_)*EVERY_MS\b|\b(look|ask|read)EveryMs\b/, say: '…_INTERVAL_MS' },
  { pattern: /\b([A-Z0-9]+_)*WITHIN_MS\b|\bwithinMs\b/, say: '…_TIMEOUT_MS' },
  {
    pattern: /#look\b|\b(function|const|async) look\b|\.look\(|\b\w+Look\b|regular-look/,
    say: 'poll, or sample',
  },
  { pattern: /(\.|\b)lose\(/, say: 'abandon' },
  { pattern: /\bsayWorking\b/, say: 'extendAckWait' },
  { pattern: /(?<!Event)\bOutbox\b|nats\/outbox/, say: 'write coalescer' },
  { pattern: /\b[dD]oors?\b(?=[.(,:;)]| =|\.ts)|\b(grpc|rest|nats)Door\b|-door\b/, say: 'transport, or API' },
  { pattern: /\b(C|c)omplaints?\b/, say: 'stderr tail' },
  { pattern: /\b\w*Pulse\b|\bpulse\b/, say: 'health' },
  { pattern: /\bmeet-detectors\b|\bMeetingDeps\b/, say: 'await readiness' },
  { pattern: /\b\w*[fF]ate\b|submission-fate/, say: 'outcome' },
  { pattern: /\bwaves?\b|\bwavesOf\b/, say: 'stages' },
  { pattern: /\bwithoutStalls\b|without-stalls/, say: 'stall timeout' },
  { pattern: /\buntilThere\b|until-there/, say: 'retry until' },
  { pattern: /\bstreamBeneath\b|stream-beneath/, say: 'http2 stream' },
  { pattern: /\b(proto|json)-of\b/, say: 'to-proto, from-proto' },
  { pattern: /server-questions|\baskNats\b|\baskRedis\b/, say: 'probe servers' },
  { pattern: /\bhandOver\b|hand-over/, say: 'exec' },
  { pattern: /\bsuppress\(/, say: 'non-max suppression' },
  { pattern: /match-rounds|axis-filter|own-camera/, say: 'association cascade, Kalman, track camera' },
  { pattern: /\b\w*Desk\b|\bdesk\.ts/, say: 'CLI fixture' },
]

/**
 * Share of the sources with logic that have a test of the same path, from 0 to 1. The aim is 0.6: whoever adds tests raises it to what
 * holds then, nobody lowers it.
 */
export const MIN_MIRROR_SHARE = 0.7

export const MAX_LINES = 350
/** Longer files, each with the reason that a reader should accept. */
export const LONG_FILES: Readonly<Record<string, string>> = {
  'subjects/subjects.ts': 'a catalogue with one row a subject',
  'test/cli/commands-over-both-transports.test.ts':
    'a catalogue with one block a group of commands, on one stack',
  'test/chaos/checker.test.ts': 'a catalogue with one doctored history an invariant',
  'test/orchestrator/partition/partition-faults.test.ts': 'a catalogue with one fault a test, on one fixture',
}
