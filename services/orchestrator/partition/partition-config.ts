import { type ConfigTable, type Environment, readConfig } from '#platform/config/read-config.ts'
import { oneOf, wholeNumber } from '#platform/config/variable-schemas.ts'

/** How partitions of the log are worked on. */
export const PARTITION_VARIABLES = {
  resultBatches: {
    name: 'MURMUR_RESULT_BATCHES',
    meaning:
      'Whether agents may put results of several tasks into one message: yes or no. `no` while an orchestrator may take a partition over whose version does not read them.',
    default: 'yes',
    schema: oneOf(['yes', 'no']),
  },
  epochLeaseMs: {
    name: 'MURMUR_EPOCH_LEASE_MS',
    meaning:
      'For so long an orchestrator goes by what it knows of the partitions without hearing it again; then it takes no new task and gives no list. More partitions are used 10 s later than that after they were asked for. The same for all orchestrators.',
    unit: 'ms',
    default: '30000',
    schema: wholeNumber({ min: 2000, max: 300_000 }),
  },
} as const satisfies ConfigTable

/**
 * The settings of partitions, from the environment.
 * @throws MurmurError CONFIG_INVALID
 */
export function loadPartitionConfig(env?: Environment): {
  readsResultBatches: boolean
  epochLeaseMs: number
} {
  const { resultBatches, epochLeaseMs } = readConfig(PARTITION_VARIABLES, env)
  return { readsResultBatches: resultBatches === 'yes', epochLeaseMs }
}
