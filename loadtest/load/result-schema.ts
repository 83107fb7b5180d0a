import { z } from 'zod'

/** What a run leaves behind: everything that a report, a comparison and docs/EVALUATION_RESULTS.md are made from. */
export const LOAD_RESULT = 'murmuration.load/1'

const percentilesSchema = z.object({
  count: z.int(),
  p50Ms: z.number(),
  p90Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  p999Ms: z.number(),
  maxMs: z.number(),
  meanMs: z.number(),
})
const counts = z.record(z.string(), z.int())

/** The machine and the state of the sources that something was measured with. */
export const originSchema = z.object({
  /** ISO 8601, UTC. */
  date: z.string(),
  command: z.string(),
  /** Short hash; with `+` where files had been changed since; absent outside a checkout. */
  commit: z.string().optional(),
  machine: z.object({
    cores: z.int(),
    cpu: z.string(),
    memoryGiB: z.number(),
    node: z.string(),
    platform: z.string(),
    /** Processes that wanted a processor when the run began, averaged over a minute: above 1 or so something else was running. */
    loadBefore: z.number(),
  }),
})
export type Origin = z.infer<typeof originSchema>

export const levelResultSchema = z.object({
  name: z.string(),
  wanted: z.string(),
  measured: z.number().optional(),
  unit: z.enum(['ms', 's', '/s', '%', '']),
  judgement: z.enum(['met', 'missed', 'not asked']),
  note: z.string().optional(),
})

/** A kind of request over one transport or over all, in the whole run. */
export const kindResultSchema = z.object({
  kind: z.string(),
  group: z.enum(['api', 'task']),
  transport: z.enum(['rest', 'grpc', 'all']),
  answered: z.int(),
  refused: z.int(),
  taken: z.int(),
  errors: counts,
  latency: percentilesSchema,
  /** What it is held to at its 95th percentile; absent for what has no level of its own. Milliseconds. */
  levelMs: z.number().optional(),
  judgement: z.enum(['met', 'missed', 'not asked']),
  /** HdrHistogram in base64, microseconds; of all transports together. */
  histogram: z.string().optional(),
})
export type KindResult = z.infer<typeof kindResultSchema>

export const stageResultSchema = z.object({
  index: z.int(),
  fromMs: z.number(),
  toMs: z.number(),
  from: z.number(),
  to: z.number(),
  answeredPerSecond: z.number(),
  tasksPerSecond: z.number(),
  refusedPerSecond: z.number(),
  errorShare: z.number(),
  apiP95Ms: z.number(),
  smallReportP95Ms: z.number().optional(),
  held: z.boolean(),
})

export const taskResultSchema = z.object({
  kind: z.string(),
  accepted: z.int(),
  asExpected: z.int(),
  otherwise: counts,
  open: z.int(),
  lost: z.int(),
  /** By the tasks' own timestamps. */
  phases: z.object({
    queue: percentilesSchema,
    run: percentilesSchema,
    orchestration: percentilesSchema,
    total: percentilesSchema,
  }),
})
export type TaskResult = z.infer<typeof taskResultSchema>

export const faultResultSchema = z.object({
  /** The process that was killed. */
  what: z.string(),
  atMs: z.number(),
  /** Absent when it could not be told. */
  recoveryMs: z.number().optional(),
  /** How it was seen: by how long probes took, or, where they waited in a queue anyway, by how much was done. */
  seenBy: z.enum(['latency', 'throughput']).default('latency'),
  /** Until the end of the last slow probe, and until as much was done as before: both, where they can be told. */
  latencyMs: z.number().optional(),
  throughputMs: z.number().optional(),
  /** Probes that were slow with no others around them: they are not counted. */
  aloneProbes: z.int().optional(),
  /** The probes that tell it, from before the death to after it: when each was due (ms of the run), and how long it took (ms); null: it was never seen to end. */
  probes: z.array(z.tuple([z.number(), z.number().nullable()])).optional(),
})
export type FaultResult = z.infer<typeof faultResultSchema>

export const loadResultSchema = z.object({
  schema: z.literal(LOAD_RESULT),
  scenario: z.object({
    name: z.string(),
    what: z.string(),
    users: z.int(),
    ratePerSecond: z.number().optional(),
    durationMs: z.number(),
    mix: z.enum(['users', 'tasks']),
  }),
  target: z.object({ kind: z.enum(['local', 'deployment']), about: z.string() }),
  transports: z.array(z.enum(['rest', 'grpc'])),
  seed: z.int(),
  origin: originSchema,
  startedAtMs: z.number(),
  ranMs: z.number(),
  settledMs: z.number(),
  /** Why the run does not count; empty when it does. */
  void: z.array(z.string()),
  levels: z.array(levelResultSchema),
  kinds: z.array(kindResultSchema),
  stages: z.array(stageResultSchema),
  /** Absent where not even the least load was within the levels. */
  knee: z
    .object({
      load: z.number(),
      answeredPerSecond: z.number(),
      tasksPerSecond: z.number(),
      brokeAt: z.number().optional(),
    })
    .optional(),
  tasks: z.array(taskResultSchema),
  lostIds: z.array(z.string()),
  activities: z.record(
    z.string(),
    z.object({
      done: z.int(),
      refused: z.int(),
      error: z.int(),
      stopped: z.int(),
      unexpected: counts,
    }),
  ),
  hints: z.object({
    given: z.int(),
    missing: z.int(),
    letIn: z.int(),
    refusedAgain: z.int(),
    gaveUp: z.int(),
  }),
  faults: z.array(faultResultSchema),
  generator: z.object({
    loopP99Ms: z.number(),
    loopMaxMs: z.number(),
    lateP99Ms: z.number(),
    lateMaxMs: z.number(),
    cpuShare: z.number(),
    notSent: z.int(),
  }),
  bucketMs: z.number(),
  timeline: z.array(
    z.object({
      atMs: z.number(),
      users: z.number(),
      answered: z.int(),
      refused: z.int(),
      errors: z.int(),
      tasks: z.int(),
      p50Ms: z.number(),
      p95Ms: z.number(),
      p99Ms: z.number(),
    }),
  ),
})
export type LoadResult = z.infer<typeof loadResultSchema>
