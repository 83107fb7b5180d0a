import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { exposedFamily, writeExposition } from '#platform/telemetry/exposition.ts'
import { METRICS } from '#platform/telemetry/metric-names.ts'
import { GaugeSeries, SeriesFamily } from '#platform/telemetry/series.ts'

interface Made {
  startedAtMs: number
  streams: readonly { fileBytes: number }[]
}

/**
 * Says in a file when a backup was made, in the text format of Prometheus: what has no port is scraped so. Whoever reads it sees the
 * old file or the new one.
 */
export function writeBackupMetrics(file: string, made: Made): void {
  mkdirSync(dirname(file), { recursive: true })
  const part = `${file}.part`
  writeFileSync(part, backupMetrics(made))
  renameSync(part, file)
}

/** Pure. */
export function backupMetrics({ startedAtMs, streams }: Made): string {
  const values = {
    murmur_backup_timestamp_seconds: startedAtMs / 1000,
    murmur_backup_size_bytes: streams.reduce((sum, { fileBytes }) => sum + fileBytes, 0),
  } as const
  const families = (Object.keys(values) as (keyof typeof values)[]).map((name) => {
    const family = new SeriesFamily([], () => new GaugeSeries())
    family.labels().set(values[name])
    return exposedFamily(name, METRICS[name], family)
  })
  return writeExposition(families, 'text')
}
