import { systemClock } from '#platform/clock/clock.ts'
import { loadPayloadKeys, type PayloadKeyFile } from '#platform/config/payload-keys.ts'
import { loadPlatformKeys, type PlatformKeys, warnOfNoKeys } from '#platform/config/platform-keys.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { SealedRecords } from '#platform/nats/sealed-records.ts'
import { LineBudget } from '#platform/telemetry/line-budget.ts'

export interface RecordKeys {
  /** Undefined: records are not sealed. */
  keys: PlatformKeys | undefined
  /** Undefined: payloads are stored as they are. */
  codec: PayloadKeyFile | undefined
}

/** Whoever can write there can write much: the log has some of it, the metric has all. */
const REFUSALS_LOGGED_A_SECOND = 20

/**
 * From here on the records of streams are sealed and looked at, with the keys of this process. What is refused is counted, logged and
 * stands in the audit log.
 * @throws MurmurError CONFIG_INVALID
 */
export function guardRecords(
  { log, metrics, lifecycle, audit }: Pick<ServiceContext, 'log' | 'metrics' | 'lifecycle' | 'audit'>,
  bus: Bus,
): RecordKeys {
  const keys = loadPlatformKeys()
  if (!keys) warnOfNoKeys(log)
  const codec = loadPayloadKeys(log)
  if (codec) lifecycle.add(codec)

  const lines = new LineBudget(REFUSALS_LOGGED_A_SECOND, systemClock)
  const onRefused = (record: { stream: string; subject: string; seq: number; why: string }) => {
    metrics.counter('murmur_records_refused_total').labels(record.stream).inc()
    if (!lines.take()) return
    log.error(record, 'a record was refused: somebody else than the platform has written it')
    const target = `${record.subject} ${record.seq}`
    audit.write({
      operation: 'storeRecord',
      transport: 'nats',
      subject: 'unknown',
      target,
      code: 'FORBIDDEN',
    })
  }
  bus.guardRecords(new SealedRecords({ keys, codec, onRefused }), codec)
  return { keys, codec }
}
