import type { AgentsContext } from '#sdk/run-agent.ts'
import { loadRecordingsConfig } from '../../recordings/recordings-config.ts'
import { RecordingService } from '../../recordings/service/recording-service.ts'
import { RecordingStore } from '../../recordings/store/recording-store.ts'
import type { Recordings } from './monitor-recorder.ts'

/**
 * Opens the recordings of this node and answers for them; undefined where nothing is recorded.
 * @throws MurmurError CONFIG_INVALID
 */
export function openRecordings({
  bus,
  clock,
  lifecycle,
  log,
  metrics,
}: Pick<AgentsContext, 'bus' | 'clock' | 'lifecycle' | 'log' | 'metrics'>): Recordings | undefined {
  const config = loadRecordingsConfig()
  if (!config) return undefined
  const store = new RecordingStore({ config, clock, log, metrics })
  const states = new Map<string, string | undefined>()
  lifecycle.add(store)
  lifecycle.add(new RecordingService({ bus, store, clock, states }))
  return { store, states, metrics }
}
