import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { isExecutable } from '../../../deploy/local/servers/find-binary.ts'

/** Of the builder and of all parts in builder.yaml. */
export const COLLECTOR_VERSION = 'v0.158.0'

/** Of Jaeger 2, which as a Go module has the number of the version before: 1.76.0 is 2.13.0. */
export const JAEGER_MODULE = 'github.com/jaegertracing/jaeger/cmd/jaeger@v1.76.0'

/** Where the programs are built to, once for each version. */
export function collectorFolder(): string {
  return join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'murmur-otel',
    COLLECTOR_VERSION,
    'bin',
  )
}

/** Of Jaeger, beside it. */
export function jaegerFolder(): string {
  return join(collectorFolder(), '../../jaeger-v2.13.0/bin')
}

/** The path of a program: `MURMUR_OTELCOL` for the collector, in the cache, or on PATH; undefined where there is none. */
export function findOtelProgram(name: 'otelcol' | 'builder' | 'jaeger' | 'go'): string | undefined {
  const folders = [collectorFolder(), jaegerFolder(), ...(process.env.PATH ?? '').split(delimiter)]
  const named = name === 'otelcol' && process.env.MURMUR_OTELCOL
  return [...(named ? [named] : []), ...folders.map((folder) => join(folder, name))].find(isExecutable)
}
