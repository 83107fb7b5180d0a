import { systemClock } from '#platform/clock/clock.ts'
import { loadPayloadKeys, type PayloadKeyFile } from '#platform/config/payload-keys.ts'
import { loadPlatformKeys, type PlatformKeys, warnOfNoKeys } from '#platform/config/platform-keys.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { SealedRecords } from '#platform/nats/sealed-records.ts'
import { RefusedRecords } from '#platform/telemetry/refused-records.ts'

export interface RecordKeys {
  /** Undefined: records are not sealed. */
  keys: PlatformKeys | undefined
  /** Undefined: payloads are stored as they are. */
  codec: PayloadKeyFile | undefined
}

/**
 * From here on the records of streams are sealed and looked at, with the keys of this process. What is refused is counted, logged and
 * stands in the audit log and in what `murmur doctor` finds.
 * @throws MurmurError CONFIG_INVALID
 */
export function guardRecords(
  {
    log,
    metrics,
    lifecycle,
    audit,
    addFacts,
  }: Pick<ServiceContext, 'log' | 'metrics' | 'lifecycle' | 'audit' | 'addFacts'>,
  bus: Bus,
): RecordKeys {
  const keys = loadPlatformKeys()
  if (!keys) warnOfNoKeys(log)
  const codec = loadPayloadKeys(log)
  if (codec) lifecycle.add(codec)

  const refused = new RefusedRecords({ log, metrics, audit, clock: systemClock })
  addFacts(() => refused.facts())
  const onRefused = refused.note.bind(refused)
  bus.guardRecords(new SealedRecords({ keys, codec, onRefused }), codec)
  return { keys, codec }
}
