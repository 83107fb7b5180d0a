import { z } from 'zod'
import { LIMITS } from './limits.ts'

/** Partitions of the log that tasks of one time go to. */
const partitionEpochSchema = z.object({
  /** They have the numbers `first` to `first + count - 1`, which no others ever have. */
  first: z.int().min(0),
  count: z.int().min(1).max(LIMITS.partitions),
  /** New tasks go to them from then on, until the next one begins. Unix milliseconds; 0: from the beginning of the log. */
  fromMs: z.number(),
})
export type PartitionEpoch = z.infer<typeof partitionEpochSchema>

/** On `partition-epochs.log`: which partitions of the log are worked on. The last state is kept. Absent: those that the log was made with. */
export const partitionEpochsSchema = z.object({
  v: z.literal(1),
  /** Partitions that the log was made with: it lies by them where ids name none, for ever. */
  made: z.int().min(1),
  /** In their order; those that nothing is left of are taken out. */
  epochs: z.array(partitionEpochSchema).min(1).max(LIMITS.partitionEpochs),
  updatedAtMs: z.number(),
})
export type PartitionEpochs = z.infer<typeof partitionEpochsSchema>

/** `murmur.partitions.get` */
export const getPartitionsRequestSchema = z.strictObject({})

/** `murmur.partitions.grow` */
export const growPartitionsRequestSchema = z.strictObject({
  to: z.int().min(1).max(LIMITS.partitions).describe('How many partitions new tasks are to be spread over.'),
  dryRun: z.boolean().optional().describe('Say what would be; change nothing.'),
})
export type GrowPartitionsRequest = z.infer<typeof growPartitionsRequestSchema>

export const EPOCH_STATES = ['next', 'current', 'ending'] as const

/** Partitions of one epoch, for people. */
export const epochViewSchema = z.object({
  first: z.int(),
  count: z.int(),
  state: z
    .enum(EPOCH_STATES)
    .describe('next: known, not used yet. current: new tasks go there. ending: tasks from before end there.'),
  fromMs: z
    .number()
    .optional()
    .describe('New tasks go there from then on. Missing: from the beginning of the log.'),
  active: z.int().describe('Tasks there that have not ended.'),
})
export type EpochView = z.infer<typeof epochViewSchema>

export const partitionsViewSchema = z.object({
  partitions: z.int().describe('New tasks are spread over so many.'),
  epochs: z.array(epochViewSchema).describe('The oldest first.'),
  orchestrators: z.int().describe('That live.'),
  unaware: z.array(z.string()).describe('Of these, those of a release that knows of no epochs.'),
})
export type PartitionsView = z.infer<typeof partitionsViewSchema>

export const partitionsViewExample: PartitionsView = {
  partitions: 32,
  epochs: [
    { first: 0, count: 16, state: 'ending', active: 12 },
    { first: 16, count: 32, state: 'current', fromMs: 1_790_000_000_000, active: 340 },
  ],
  orchestrators: 3,
  unaware: [],
}
